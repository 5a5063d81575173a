/* Choosing a picture of the media library, or putting one in: a dialog for editor and forms.
 *
 *   const picture = await choosePicture({ list, upload }, { describe: true })
 *
 * gives {id, title, alt, caption, src, thumbnail, width, height}, or null if nobody chose.
 */

const PICTURES = "image/jpeg,image/png,image/webp,image/gif"

const make = (tag, properties = {}, children = []) => {
  const element = Object.assign(document.createElement(tag), properties)
  element.append(...children)
  return element
}

const read = async (response) => {
  // Signed out meanwhile, or not allowed: the answer is a page, not data.
  if (!response.headers.get("Content-Type").startsWith("application/json"))
    throw new Error("没有权限，或登录已过期。请保存好正文，重新登录后再试。")
  const answer = await response.json()
  if (answer.error) throw new Error(answer.error)
  return answer
}

const sentence = (error) => (error instanceof TypeError ? "连接不上网站，请检查网络后再试。" : error.message)

/** Put a picture into the library; throws an Error that says why it was refused. */
export const uploadPicture = async (address, file, fields = {}) => {
  const body = new FormData()
  body.append("file", file)
  body.append("only_picture", "on")
  for (const [name, value] of Object.entries(fields)) body.append(name, value)
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value
  try {
    const headers = { "X-CSRFToken": token }
    return (await read(await fetch(address, { method: "POST", body, headers }))).picture
  } catch (error) {
    throw new Error(sentence(error))
  }
}

/** Open the dialog. With `describe`, alternative text and caption are asked for every picture. */
export const choosePicture = (addresses, { describe = false } = {}) =>
  new Promise((resolve) => {
    let chosen = null // a picture of the library …
    let pending = null // … or a file that is not there yet
    let page = 1
    let asked = 0

    const search = make("input", { type: "search", placeholder: "按名称、说明查找", ariaLabel: "查找图片" })
    const folder = make("select", { ariaLabel: "文件夹" }, [make("option", { value: "", textContent: "全部文件夹" })])
    const file = make("input", { type: "file", accept: PICTURES })
    const fileLabel = make("label", { className: "picker-upload", hidden: true }, ["上传图片", file])
    const status = make("p", { className: "picker-status", role: "status" })
    const grid = make("ul", { className: "picker-grid" })
    const more = make("button", { type: "button", className: "picker-more", textContent: "再看更多", hidden: true })
    const alt = make("input", { type: "text", maxLength: 300 })
    const caption = make("input", { type: "text", maxLength: 200 })
    const fields = make("div", { className: "picker-fields", hidden: true }, [
      make("label", {}, ["替代文字（给看不到图的读者）", alt]),
      make("label", {}, ["图片说明（显示在图片下方）", caption]),
    ])
    const submit = make("button", { type: "submit", className: "picker-submit", textContent: "使用这张图片", disabled: true })
    const cancel = make("button", { type: "button", textContent: "取消" })
    const form = make("form", { className: "picker-form" }, [
      make("h2", { textContent: "选择图片" }),
      make("div", { className: "picker-tools" }, [search, folder, fileLabel]),
      status,
      make("div", { className: "picker-pictures" }, [grid, more]),
      fields,
      make("div", { className: "picker-buttons" }, [submit, cancel]),
    ])
    const dialog = make("dialog", { className: "picker", ariaLabel: "选择图片" }, [form])

    const finish = (picture) => {
      resolve(picture)
      dialog.close()
    }

    const select = (picture, button) => {
      for (const other of grid.querySelectorAll("button")) other.ariaPressed = String(other === button)
      chosen = picture
      alt.value = picture?.alt ?? ""
      caption.value = picture?.caption ?? ""
      fields.hidden = !(pending || (picture && describe))
      submit.disabled = !(picture || pending)
    }

    const show = (picture) => {
      const button = make("button", { type: "button", ariaPressed: "false", title: picture.title }, [
        make("img", { src: picture.thumbnail, alt: picture.alt, loading: "lazy" }),
        make("span", { textContent: picture.title }),
      ])
      button.addEventListener("click", () => {
        pending = null
        file.value = ""
        status.textContent = ""
        select(picture, button)
      })
      button.addEventListener("dblclick", () => form.requestSubmit())
      grid.append(make("li", {}, [button]))
    }

    const load = async () => {
      asked += 1
      const mine = asked
      const query = new URLSearchParams({ q: search.value, folder: folder.value, page })
      try {
        const answer = await read(await fetch(`${addresses.list}?${query}`))
        if (mine !== asked) return // a later question is on its way
        if (page === 1) grid.replaceChildren()
        if (folder.length === 1)
          folder.append(...answer.folders.map((f) => make("option", { value: f.id, textContent: f.name })))
        answer.pictures.forEach(show)
        more.hidden = !answer.more
        fileLabel.hidden = !answer.may_upload
        status.textContent = grid.children.length ? "" : "没有找到图片。"
      } catch (error) {
        status.textContent = sentence(error)
      }
    }

    const restart = () => {
      page = 1
      load()
    }

    let typing
    search.addEventListener("input", () => {
      clearTimeout(typing)
      typing = setTimeout(restart, 300)
    })
    search.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return
      event.preventDefault() // it looks for pictures, it does not use one
      clearTimeout(typing)
      restart()
    })
    folder.addEventListener("change", restart)
    more.addEventListener("click", () => {
      page += 1
      load()
    })
    file.addEventListener("change", () => {
      pending = file.files[0] ?? null
      select(null, null)
      status.textContent = pending ? `将上传“${pending.name}”。` : ""
      if (pending) alt.focus()
    })
    form.addEventListener("submit", async (event) => {
      event.preventDefault()
      event.stopPropagation()
      if (!pending) return finish({ ...chosen, alt: alt.value.trim(), caption: caption.value.trim() })
      submit.disabled = true
      status.textContent = "正在上传……"
      try {
        const texts = { image_alt_text: alt.value, caption: caption.value, folder: folder.value }
        finish(await uploadPicture(addresses.upload, pending, texts))
      } catch (error) {
        status.textContent = error.message
        submit.disabled = false
      }
    })
    cancel.addEventListener("click", () => dialog.close())
    dialog.addEventListener("close", () => {
      dialog.remove()
      resolve(null) // without effect where a picture was chosen
    })

    document.body.append(dialog)
    dialog.showModal()
    load()
  })
