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

  const send = async (file) => {
    const body = new FormData()
    body.append("file", file)
    body.append("folder", area.dataset.folder)
    const token = document.querySelector("[name=csrfmiddlewaretoken]").value
    try {
      const response = await fetch(area.dataset.upload, {
        method: "POST",
        body,
        headers: { "X-CSRFToken": token },
      })
      // Signed out meanwhile, or not allowed: the answer is a page, not data.
      const isData = response.headers.get("Content-Type").startsWith("application/json")
      if (!isData) throw new Error("不能上传：没有权限，或登录已过期。请刷新页面后再试。")
      const answer = await response.json()
      if (answer.error) throw new Error(answer.error)
      return true
    } catch (error) {
      const unreachable = error instanceof TypeError
      refused(unreachable ? `“${file.name}”没有传上去，请检查网络后再试。` : error.message)
      return false
    }
  }

  const upload = async (files) => {
    errors.replaceChildren()
    let kept = 0
    for (const [index, file] of [...files].entries()) {
      status.textContent = `正在上传第 ${index + 1} 个，共 ${files.length} 个……`
      if (await send(file)) kept += 1
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
