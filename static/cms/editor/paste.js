/* Pasting from Word, WPS, WeChat and other pages: the text made ours, its pictures sent on their way. */
import { Extension, Plugin } from "django-prose-editor/editor"
import { report } from "cms/editor/incoming"
import { picturesOf } from "cms/editor/rtf"
import { styled, tidyHtml, tidyLine, tidySlice } from "cms/editor/tidy"

// As on the server (portal/cms/richtext/incoming.py): where a page keeps the address of a picture that
// is loaded late, WeChat's first, and what is written where nobody wrote a description.
const ADDRESSES = ["data-src", "data-original", "data-actualsrc", "data-lazy-src", "src"]
const NO_ALT = ["图片", "图像", "image", "img"]
const SPACERS = ["0", "1", "2", "0px", "1px", "2px"]
const SPACER_LENGTH = 300 // of a data: URL; a picture of one pixel has about 80
const PASTED = "粘贴的图片"
const LONGEST_MARK = 200
const EMOJI = /^(?:\p{Extended_Pictographic}[\p{Emoji_Modifier}\ufe0f\u200d]*)+$/u

const BROKEN = "粘贴的图片不完整，无法读取。"
const ON_THE_COMPUTER =
  "图片在您的电脑上，没有随文字一起复制过来。请在原文档里单独复制这张图片再粘贴，或者把它存成文件拖进来。"
const ON_THE_PAGE = "图片只在原来的网页或邮件里才有。请另存后上传。"

const addressOf = (image) => {
  const address = ADDRESSES.map((name) => image.getAttribute(name)?.trim()).find(Boolean) ?? ""
  return address.startsWith("//") ? `https:${address}` : address
}

const isSpacer = (image, address) =>
  !address ||
  [image.getAttribute("width"), image.getAttribute("height")].some((size) => SPACERS.includes(size)) ||
  (/^data:image\/(gif|svg)/.test(address) && address.length < SPACER_LENGTH)

/** The file that a data: URL holds; null for one that cannot be read. */
const fileOf = (address) => {
  const comma = address.indexOf(",")
  const [type, ...parameters] = address.slice("data:".length, comma).split(";")
  try {
    const text = decodeURIComponent(address.slice(comma + 1))
    const bytes = parameters.includes("base64")
      ? Uint8Array.from(atob(text.replace(/\s/g, "")), (letter) => letter.charCodeAt(0))
      : new TextEncoder().encode(text)
    return new File([bytes], `${PASTED}.${type.split("/")[1] ?? "png"}`, { type })
  } catch {
    return null
  }
}

/** The files on the clipboard for pictures that the HTML only names by a path, if they are as many. */
const filesBeside = (transfer, count) => {
  if (!count || !transfer) return []
  const pictures = picturesOf(transfer.getData("text/rtf"))
  if (pictures.length === count) return pictures
  const files = [...transfer.files].filter((file) => file.type.startsWith("image/"))
  // A single one may well be the photograph that Word takes of the text.
  return files.length === count && count > 1 ? files : []
}

/** What is to be done for a picture that is at `address`; `file` is one that came beside it. */
const sourceOf = (address, file) => {
  if (/^data:/i.test(address)) return { file: fileOf(address), mark: PASTED, reason: BROKEN }
  if (/^file:/i.test(address)) {
    // The rest of its path would tell the world who is signed in to that computer.
    return { file, mark: address.split(/[\\/]/).at(-1), reason: ON_THE_COMPUTER }
  }
  if (/^https?:/i.test(address)) return { address, mark: address }
  return { mark: address, reason: ON_THE_PAGE }
}

const shortened = (mark) => {
  const plain = mark.replace(/[〔〕\s]+/g, " ").trim()
  return plain.length > LONGEST_MARK ? `${plain.slice(0, LONGEST_MARK - 1)}…` : plain
}

/** Give every picture in a pasted text its job, or take it out. */
const bringPictures = (body, jobs, transfer) => {
  const images = [...body.querySelectorAll("img")]
  const local = images.filter((image) => /^file:/i.test(addressOf(image)))
  const files = filesBeside(transfer, local.length)
  for (const image of images) {
    const address = addressOf(image)
    const words = image.alt.trim().replace(/\s+/g, " ")
    if (EMOJI.test(words)) {
      image.replaceWith(words)
      continue
    }
    if (isSpacer(image, address)) {
      image.remove()
      continue
    }
    const source = sourceOf(address, files[local.indexOf(image)] ?? null)
    const alt = NO_ALT.includes(words.toLowerCase()) ? "" : words
    for (const name of image.getAttributeNames()) image.removeAttribute(name)
    image.alt = alt
    image.dataset.incoming = jobs.add({ ...source, alt, mark: shortened(source.mark) })
  }
}

/** Whether HTML was copied in an editor of ours; other editors are made with the same library. */
const isOurs = (html) => {
  if (!html.includes("data-pm-slice")) return false
  const { body } = new DOMParser().parseFromString(html, "text/html")
  return !body.querySelector("[class], [style], img:not([data-file])")
}

export const Paste = Extension.create({
  name: "pasting", // "paste" is one of the library's

  addProseMirrorPlugins() {
    const { editor } = this
    let transfer = null
    let ours = false
    const remember = (data) => {
      transfer = data
      return false
    }
    return [
      new Plugin({
        props: {
          handleDOMEvents: {
            paste: (_view, event) => remember(event.clipboardData),
            drop: (_view, event) => remember(event.dataTransfer),
          },
          // The editor reads our HTML once more, into a document of its own.
          clipboardParser: {
            parseSlice: (page, options) => editor.schema.cached.domParser.parseSlice(styled(page), options),
          },
          transformPastedText: (text) => text.split(/\r?\n/).map(tidyLine).join("\n"),
          transformPastedHTML(html) {
            const storage = editor.storage.incoming
            ours = isOurs(html)
            storage.jobs.beginBatch()
            storage.remarks = []
            if (ours) return html
            const { body, players } = tidyHtml(html)
            if (players) storage.remarks.push(`${players} 个视频、音频或嵌入的网页没有带过来。`)
            bringPictures(body, storage.jobs, transfer)
            report(editor)
            return body.innerHTML
          },
          transformPasted: (slice, _view, isText) => (ours || isText ? slice : tidySlice(slice)),
        },
      }),
    ]
  },
})
