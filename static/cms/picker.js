/* The media library, for scripts: putting a file in, fetching a picture from an address, and a dialog
 * to choose one from.
 *
 *   const picture = await choosePicture({ list, upload }, { describe: true })
 *
 * gives {id, title, alt, caption, src, thumbnail, width, height}, or null if nobody chose.
 */

const PICTURES = "image/jpeg,image/png,image/webp,image/gif"
const SIGNED_OUT = "没有权限，或登录已过期，请重新登录后再试。"
const UNREACHABLE = "连接不上网站，请检查网络后再试。"
const PATIENCE = 5 * 60 * 1000 // milliseconds: a large photograph on a slow line

const make = (tag, properties = {}, children = []) => {
  const element = Object.assign(document.createElement(tag), properties)
  element.append(...children)
  return element
}

/** What the library does not take, and why: the same again would be refused again. */
export class Refused extends Error {
  constructor({ error, spacer = false }) {
    super(error)
    this.spacer = spacer // a picture of a pixel or two, which nobody misses
  }
}

/** Return the data of an answer; throws what an editor should know instead. */
const answerOf = (status, type, body) => {
  if (status === 413) throw new Refused({ error: "文件太大，网站不接收。" })
  if (status >= 500) throw new Error("网站暂时出错，请稍后再试。")
  // Signed out meanwhile, or not allowed: the answer is a page, not data.
  if (!type?.startsWith("application/json")) throw new Error(SIGNED_OUT)
  const answer = JSON.parse(body)
  if (answer.error) throw new Refused(answer)
  return answer
}

/** Send a form's fields; `progress` is called with the part that is sent, 0 to 1. */
const post = (address, fields, { progress, signal } = {}) =>
  new Promise((resolve, reject) => {
    // Not fetch(), which does not tell how far an upload is.
    const request = new XMLHttpRequest()
    const body = new FormData()
    for (const [name, value] of Object.entries(fields)) body.append(name, value)
    request.open("POST", address)
    request.timeout = PATIENCE
    request.setRequestHeader("X-CSRFToken", document.querySelector("[name=csrfmiddlewaretoken]").value)
    request.upload.addEventListener("progress", ({ loaded, total }) => progress?.(loaded / total))
    request.addEventListener("load", () => {
      try {
        resolve(answerOf(request.status, request.getResponseHeader("Content-Type"), request.responseText))
      } catch (error) {
        reject(error)
      }
    })
    for (const type of ["error", "timeout", "abort"])
      request.addEventListener(type, () => reject(new Error(UNREACHABLE)))
    signal?.addEventListener("abort", () => request.abort())
    request.send(body)
  })

/** Put a file into the library. Throws `Refused`, or another Error if trying again may help. */
export const uploadFile = (address, file, fields = {}, options = {}) => post(address, { file, ...fields }, options)

/** Put a picture into the library, and nothing that is none. */
export const uploadPicture = async (address, file, fields = {}, options = {}) =>
  (await uploadFile(address, file, { only_picture: "on", ...fields }, options)).picture

/** Let the site bring in the picture that is at another site's address. */
export const fetchPicture = async (address, url, fields = {}, options = {}) =>
  (await post(address, { url, ...fields }, options)).picture

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
        const response = await fetch(`${addresses.list}?${query}`)
        const answer = answerOf(response.status, response.headers.get("Content-Type"), await response.text())
        if (mine !== asked) return // a later question is on its way
        if (page === 1) grid.replaceChildren()
        if (folder.length === 1)
          folder.append(...answer.folders.map((f) => make("option", { value: f.id, textContent: f.name })))
        answer.pictures.forEach(show)
        more.hidden = !answer.more
        fileLabel.hidden = !answer.may_upload
        status.textContent = grid.children.length ? "" : "没有找到图片。"
      } catch (error) {
        status.textContent = error instanceof TypeError ? UNREACHABLE : error.message
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
        const progress = (part) => {
          status.textContent = `正在上传……${Math.floor(part * 100)}%`
        }
        finish(await uploadPicture(addresses.upload, pending, texts, { progress }))
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
