/* Our part of the editor: figures from the media library, Chinese labels, the table's dialog.
 * Loaded by django-prose-editor's "configurable" preset, which takes extensions by their names from here.
 */
import {
  crel,
  Extension,
  gettext,
  Heading as LibraryHeading,
  Node,
  Plugin,
  Table as LibraryTable,
  updateAttrsDialog,
} from "django-prose-editor/editor"

/* --- Pictures ------------------------------------------------------------------------------------ */

const ATTRIBUTES = { file: "data-file", src: "src", alt: "alt", width: "width", height: "height" }

const imageOf = (element) => (element.matches("img") ? element : element.querySelector("img"))

const isLibraryPicture = (element) => (imageOf(element)?.dataset.file ? null : false)

const captionOf = (figure) => figure.querySelector("figcaption") ?? document.createElement("figcaption")

const asNode = ({ id, src, alt, caption, width, height }) => ({
  type: "picture",
  attrs: { file: String(id), src, alt, width, height },
  content: caption ? [{ type: "text", text: caption }] : [],
})

const insert = (editor, pictures, at) => {
  // A paragraph behind the last one, to go on writing in; an empty one is not kept.
  const content = [...pictures.map(asNode), { type: "paragraph" }]
  const chain = editor.chain().focus()
  if (at === undefined) chain.insertContent(content).run()
  else chain.insertContentAt(at, content).run()
}

/** The picture that is selected, or that the cursor's caption belongs to, and its place. */
const selectedPicture = ({ selection }) => {
  if (selection.node?.type.name === "picture") return { node: selection.node, at: selection.from }
  const { $from } = selection
  for (let depth = $from.depth; depth > 0; depth--)
    if ($from.node(depth).type.name === "picture") return { node: $from.node(depth), at: $from.before(depth) }
  return null
}

const describe = async (editor, { node, at }) => {
  const texts = await updateAttrsDialog(
    {
      alt: { type: "string", title: "替代文字", description: "用一句话说出图上有什么，给看不到图的读者和搜索引擎。" },
      caption: { type: "string", title: "图片说明", description: "显示在图片下方。" },
    },
    { title: "图片", submitText: "确定" },
  )(editor, { alt: node.attrs.alt, caption: node.textContent })
  if (!texts) return
  const caption = texts.caption.trim()
  const words = caption ? editor.schema.text(caption) : null
  const changed = node.type.create({ ...node.attrs, alt: texts.alt.trim() }, words)
  editor.view.dispatch(editor.state.tr.replaceWith(at, at + node.nodeSize, changed))
  editor.view.focus()
}

/** A line above the text, for what an editor has to know about a paste. */
const notice = (editor, sentence) => {
  const parent = editor.view.dom.parentElement
  parent.querySelector(".editor-notice")?.remove()
  if (sentence)
    editor.view.dom.before(crel("p", { className: "editor-notice", role: "status", textContent: sentence }))
}

const uploadAll = async (editor, options, files, at) => {
  const { uploadPicture } = await import(options.picker)
  const pictures = []
  const refused = []
  for (const file of files) {
    notice(editor, `正在上传“${file.name}”……`)
    try {
      pictures.push(await uploadPicture(options.upload, file))
    } catch (error) {
      refused.push(error.message)
    }
  }
  if (pictures.length) insert(editor, pictures, at)
  notice(editor, refused.join(" "))
}

const pictureFiles = (transfer) => [...(transfer?.files ?? [])].filter((file) => file.type.startsWith("image/"))

/** Whether pasted HTML says something. Word and Excel put a photograph of their text beside it. */
const hasWords = (html) => new DOMParser().parseFromString(html, "text/html").body.textContent.trim() !== ""

export const Picture = Node.create({
  name: "picture",
  group: "block",
  content: "text*",
  marks: "",
  draggable: true,
  isolating: true,

  addOptions() {
    return { picker: "", list: "", upload: "" }
  },

  onCreate() {
    import(this.options.picker) // so that the dialog opens with the click, not a request later
  },

  addAttributes() {
    return Object.fromEntries(
      Object.entries(ATTRIBUTES).map(([name, attribute]) => [
        name,
        { default: null, parseHTML: (element) => imageOf(element)?.getAttribute(attribute) },
      ]),
    )
  },

  parseHTML() {
    return [
      { tag: "figure", getAttrs: isLibraryPicture, contentElement: captionOf },
      { tag: "img", getAttrs: isLibraryPicture, contentElement: captionOf },
    ]
  },

  renderHTML({ node }) {
    const image = Object.entries(ATTRIBUTES).map(([name, attribute]) => [attribute, node.attrs[name]])
    return ["figure", ["img", Object.fromEntries(image)], ["figcaption", 0]]
  },

  addNodeView() {
    return ({ node, editor, getPos }) => {
      const image = crel("img", { draggable: true })
      const caption = crel("figcaption", { "data-placeholder": "图片说明（可不填）" })
      const dom = crel("figure", {}, [image, caption])
      const update = (updated) => {
        if (updated.type.name !== "picture") return false
        image.src = updated.attrs.src
        image.alt = updated.attrs.alt ?? ""
        image.title = image.alt ? `替代文字：${image.alt}` : "双击图片，填写替代文字和说明"
        caption.classList.toggle("is-empty", !updated.textContent)
        return true
      }
      update(node)
      image.addEventListener("dblclick", () => {
        const at = getPos()
        describe(editor, { node: editor.state.doc.nodeAt(at), at })
      })
      return { dom, contentDOM: caption, update }
    }
  },

  addMenuItems({ menu, buttons }) {
    menu.defineItem({
      name: "picture",
      groups: "nodes",
      button: buttons.material("image", "插入图片"),
      active: (editor) => editor.isActive("picture"),
      command: async (editor) => {
        const selected = selectedPicture(editor.state)
        if (selected) return describe(editor, selected)
        const { choosePicture } = await import(this.options.picker)
        const picture = await choosePicture(this.options, { describe: true })
        if (picture) insert(editor, [picture])
      },
    })
  },

  addProseMirrorPlugins() {
    const { editor, options } = this
    return [
      new Plugin({
        props: {
          handlePaste(_view, event) {
            const files = pictureFiles(event.clipboardData)
            if (!files.length || hasWords(event.clipboardData.getData("text/html"))) return false
            uploadAll(editor, options, files)
            return true
          },
          handleDrop(view, event, _slice, moved) {
            const files = moved ? [] : pictureFiles(event.dataTransfer)
            if (!files.length) return false
            event.preventDefault()
            const place = view.posAtCoords({ left: event.clientX, top: event.clientY })
            uploadAll(editor, options, files, place?.pos)
            return true
          },
          transformPastedHTML(html) {
            const pasted = new DOMParser().parseFromString(html, "text/html")
            const lost = pasted.querySelectorAll("img:not([data-file])").length
            notice(editor, lost ? `粘贴的内容里有 ${lost} 张图片没有带过来：请先保存到电脑，再用“插入图片”上传。` : "")
            return html
          },
        },
      }),
    ]
  },
})

/* --- Headings: of what is pasted, those outside our three levels keep being headings --------------- */

export const Heading = LibraryHeading.extend({
  parseHTML() {
    const levels = { h1: 2, h5: 4, h6: 4 }
    const others = Object.entries(levels).map(([tag, level]) => ({ tag, attrs: { level } }))
    return [...this.parent(), ...others]
  },
})

/* --- Tables: the library asks for the header row by "Yes" and "No" -------------------------------- */

export const Table = LibraryTable.extend({
  addCommands() {
    return {
      ...this.parent?.(),
      insertTableWithOptions:
        () =>
        ({ editor }) => {
          const size = (title, max) => ({ type: "number", format: "number", title, min: "1", max, required: true })
          const ask = updateAttrsDialog(
            {
              rows: size("行数", "100"),
              cols: size("列数", "20"),
              withHeaderRow: { type: "boolean", title: "第一行是表头" },
            },
            { title: "插入表格", submitText: "插入" },
          )
          ask(editor, { rows: "3", cols: "3", withHeaderRow: true }).then((answer) => {
            if (!answer) return
            const { rows, cols, withHeaderRow } = answer
            editor.chain().focus().insertTable({ rows: Number(rows), cols: Number(cols), withHeaderRow }).run()
          })
        },
    }
  },
})

/* --- Labels ---------------------------------------------------------------------------------------- */

const EVERYTHING = "nodes blockType lists marks link table history"

/** Names every button in the catalogue's words; the library translates its dialogs only. */
export const Labels = Extension.create({
  name: "labels",
  priority: 1, // after all extensions that bring buttons

  addMenuItems({ menu }) {
    for (const item of menu.items(EVERYTHING)) {
      const { name, button } = item
      const label = gettext(button.title)
      button.title = label
      button.ariaLabel = label
      if (/^(heading|paragraph)/.test(name)) {
        button.className = "prose-menubar__button"
        button.textContent = label
        if (name === "paragraph") item.priority = 200 // first: it is what most of a text is
      } else if (button.matches(".material-icons")) {
        // The icon font turns English words into pictures; the style sheet puts them there, so that
        // nobody is read "format_bold".
        button.dataset.icon = button.textContent
        button.textContent = ""
      }
    }
  },
})

/** The text area's label names the editor that stands in its place. */
document.addEventListener("prose-editor:ready", ({ detail: { editor, textarea } }) => {
  const label = textarea.labels[0]
  if (label) editor.view.dom.ariaLabel = label.textContent.trim().replace(/[:：]$/, "")
})
