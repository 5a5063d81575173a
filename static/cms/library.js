/* The library's list: files are dropped or chosen, several at once, and refused with a reason. */
const area = document.querySelector(".library-upload")

if (area) {
  const input = area.querySelector("input")
  const status = area.querySelector("[role=status]")
  const errors = area.querySelector(".errorlist")
  area.hidden = false

  const refused = (sentence) => {
    const item = document.createElement("li")
    item.textContent = sentence
    errors.append(item)
  }

  const send = async (file, count) => {
    const { Refused, uploadFile } = await import(area.dataset.picker)
    const progress = (part) => {
      status.textContent = `正在上传${count}……${Math.floor(part * 100)}%`
    }
    try {
      await uploadFile(area.dataset.upload, file, { folder: area.dataset.folder }, { progress })
      return true
    } catch (error) {
      refused(error instanceof Refused ? error.message : `“${file.name}”没有传上去：${error.message}`)
      return false
    }
  }

  const upload = async (chosen) => {
    const files = [...chosen] // the input's own list is emptied with it
    errors.replaceChildren()
    let kept = 0
    for (const [index, file] of files.entries()) {
      if (await send(file, `第 ${index + 1} 个，共 ${files.length} 个`)) kept += 1
    }
    input.value = ""
    if (kept === files.length) return window.location.reload()
    // Reloading would take the reasons away before anybody has read them.
    status.textContent = kept ? `已上传 ${kept} 个；刷新页面即可看到。` : ""
  }

  input.addEventListener("change", () => upload(input.files))
  const target = document.getElementById("changelist")
  for (const type of ["dragenter", "dragover", "dragleave", "drop"]) {
    target.addEventListener(type, (event) => {
      if (!event.dataTransfer.types.includes("Files")) return
      event.preventDefault()
      area.classList.toggle("is-over", type === "dragenter" || type === "dragover")
      if (type === "drop") upload(event.dataTransfer.files)
    })
  }
}

/* Moving files: a click on a folder's name chooses it, and must not fold its children away. */
for (const summary of document.querySelectorAll(".cabinet-folder-tree summary")) {
  summary.addEventListener("click", (event) => {
    if (event.target.closest("label")) summary.parentElement.open = true
  })
}
