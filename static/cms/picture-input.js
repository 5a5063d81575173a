/* The picture of a form: a thumbnail, and buttons that open the picker or take the picture away. */

const thumbnail = (picture) => {
  const image = new Image()
  image.className = "picture-input-thumbnail"
  image.src = picture.thumbnail
  image.alt = "" // its title stands beside it
  return image
}

const show = (field, picture) => {
  const input = field.querySelector("input")
  field.querySelector("img")?.remove()
  if (picture) field.prepend(thumbnail(picture))
  field.querySelector(".picture-input-title").textContent = picture?.title ?? "还没有图片"
  field.querySelector("[data-action=clear]").hidden = !picture
  input.value = picture?.id ?? ""
  input.dispatchEvent(new Event("change", { bubbles: true }))
}

const prepare = (root) => {
  for (const field of root.querySelectorAll(".picture-input")) {
    const input = field.querySelector("input")
    input.type = "hidden" // without JavaScript, the picture's number can be typed
    field.querySelector("[data-action=choose]").hidden = false
    field.querySelector("[data-action=clear]").hidden = !input.value
  }
}

// One listener for all, so that rows added to a formset later work as well.
document.addEventListener("click", async ({ target }) => {
  const field = target.closest?.(".picture-input")
  const { action } = target.dataset
  if (!field || !action) return
  if (action === "clear") return show(field, null)
  const { choosePicture } = await import(field.dataset.picker)
  const picture = await choosePicture(field.dataset)
  if (picture) show(field, picture)
  target.focus()
})
document.addEventListener("formset:added", ({ target }) => prepare(target))
prepare(document)
