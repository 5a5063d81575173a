/* A picture of the library in the text: a figure with a caption. While its picture is on its way it is a
 * placeholder, which shows how far that is; of a placeholder, only the caption is ever saved.
 */
import { crel, Node, Plugin, pm, updateAttrsDialog } from "django-prose-editor/editor"
import { choosePicture } from "cms/picker"

const { NodeSelection, TextSelection } = pm.state

const STORED = { file: "data-file", src: "src", alt: "alt", width: "width", height: "height" }
const ATTRIBUTES = { ...STORED, incoming: "data-incoming" }

const imageOf = (element) => (element.matches("img") ? element : element.querySelector("img"))

const isPicture = (element) => {
  const { file, incoming } = imageOf(element)?.dataset ?? {}
  return file || incoming ? null : false
}

const captionOf = (element) => element.querySelector("figcaption") ?? document.createElement("figcaption")

const isPictureNode = (node) => node?.type.name === "picture"

/** The attributes for a picture as the library gives it. */
const attributesOf = ({ id, src, alt, width, height }) => {
  return { file: String(id), src, alt, width, height, incoming: null }
}

/** Show another picture in the figure at a place. Caption, cursor and selection stay as they are. */
export const setPicture = (tr, at, picture) => {
  for (const [name, value] of Object.entries(attributesOf(picture))) tr.setNodeAttribute(at, name, value)
}

/** Put pictures at a place, or where the cursor is: instead of what is selected, but not into a caption. */
export const insertPictures = (editor, pictures, at = null) => {
  const { doc, selection } = editor.state
  const { $from, $to } = selection
  const range = $to.parent.type.name === "picture" ? $to.after() : { from: $from.pos, to: $to.pos }
  const place = at ?? range
  const $at = doc.resolve(place.to ?? place)
  const isLast = $at.depth
    ? $at.parentOffset === $at.parent.content.size && $at.indexAfter(-1) === $at.node(-1).childCount
    : $at.pos === doc.content.size
  // Behind the last one, a line to go on writing in; an empty one is not kept.
  const content = isLast ? [...pictures, { type: "paragraph" }] : pictures
  editor.chain().focus().insertContentAt(place, content).run()
}

/** The picture that is selected, or that the cursor's caption belongs to, and its place. */
const selectedPicture = ({ selection }) => {
  if (isPictureNode(selection.node)) return { node: selection.node, at: selection.from }
  const { $from } = selection
  for (let depth = $from.depth; depth > 0; depth--)
    if (isPictureNode($from.node(depth))) return { node: $from.node(depth), at: $from.before(depth) }
  return null
}

/* --- What can be done with a picture ---------------------------------------------------------------- */

const select = ({ view }, at) => view.dispatch(view.state.tr.setSelection(NodeSelection.create(view.state.doc, at)))

const remove = ({ view }) => {
  view.dispatch(view.state.tr.deleteSelection())
  view.focus()
}

/** Put another picture in the place of the selected one, with the caption that is there. */
const replace = async (editor, addresses) => {
  const picture = await choosePicture(addresses)
  const selected = selectedPicture(editor.state)
  if (!picture || !selected) return
  const { tr } = editor.state
  setPicture(tr, selected.at, picture)
  editor.view.dispatch(tr)
  editor.view.focus()
}

const openFocalPoint = ({ attrs }, { change }) => window.open(change.replace("{}", attrs.file), "_blank", "noopener")

/** Ask what there is to say of a picture. */
const describe = async (editor, { node, at }, addresses) => {
  // Behind the dialog, pictures may still arrive and move the text: the selection moves with it.
  select(editor, at)
  const action = (text, run) => ({
    text,
    handler: (_texts, form) => {
      form.closest("dialog").close()
      run()
    },
  })
  const texts = await updateAttrsDialog(
    {
      alt: { type: "string", title: "替代文字", description: "用一句话说出图上有什么，给看不到图的读者和搜索引擎。" },
      caption: { type: "string", title: "图片说明", description: "显示在图片下方。" },
    },
    {
      title: "图片",
      submitText: "确定",
      actions: [
        action("换一张图片", () => replace(editor, addresses)),
        action("裁剪焦点（新窗口）", () => openFocalPoint(node, addresses)),
        action("删除图片", () => remove(editor)),
      ],
    },
  )(editor, { alt: node.attrs.alt, caption: node.textContent })
  const selected = texts && selectedPicture(editor.state)
  if (!selected) return
  const caption = texts.caption.trim()
  const words = caption ? editor.schema.text(caption) : null
  const changed = node.type.create({ ...selected.node.attrs, alt: texts.alt.trim() }, words)
  editor.view.dispatch(editor.state.tr.replaceWith(selected.at, selected.at + selected.node.nodeSize, changed))
  select(editor, selected.at)
  editor.view.focus()
}

/** Move the selected picture past the block before it (-1) or behind it (1). */
const move = (editor, step) => {
  const picture = selectedPicture(editor.state)
  if (!picture) return false
  const { node, at } = picture
  const $at = editor.state.doc.resolve(at)
  const index = $at.index() + step
  if (index < 0 || index >= $at.parent.childCount) return true
  const place = step < 0 ? at - $at.parent.child(index).nodeSize : at + $at.parent.child(index).nodeSize
  const tr = editor.state.tr.delete(at, at + node.nodeSize).insert(place, node)
  editor.view.dispatch(tr.setSelection(NodeSelection.create(tr.doc, place)).scrollIntoView())
  return true
}

/** From a picture or its caption to an empty line behind it, and write there. */
export const leavePicture = (view, words = "") => {
  const picture = selectedPicture(view.state)
  if (!picture) return false
  const { tr, schema } = view.state
  const { paragraph } = schema.nodes
  const behind = picture.at + picture.node.nodeSize
  const next = tr.doc.nodeAt(behind)
  if (next?.type !== paragraph || next.childCount) tr.insert(behind, paragraph.create())
  tr.setSelection(TextSelection.create(tr.doc, behind + 1))
  if (words) tr.insertText(words)
  view.dispatch(tr.scrollIntoView())
  return true
}

/** Delete an empty line beside a picture, and select that: the library would go on in its caption. */
const approach = ({ view }, isBackwards) => {
  const { selection, tr } = view.state
  const { $from } = selection
  if (!$from.depth || $from.parent.childCount) return false
  const [start, end] = [$from.before(), $from.after()]
  const picture = isBackwards ? tr.doc.resolve(start).nodeBefore : tr.doc.resolve(end).nodeAfter
  if (!isPictureNode(picture)) return false
  tr.delete(start, end)
  const at = isBackwards ? start - picture.nodeSize : start
  view.dispatch(tr.setSelection(NodeSelection.create(tr.doc, at)).scrollIntoView())
  return true
}

/* --- Words for a picture that is selected stand behind it. Left to itself, the library puts them in its
 * place, and a browser, which sees the caption selected, in that of the caption. ---------------------- */

const isSelected = ({ selection }) => isPictureNode(selection.node)

const writing = () => {
  let hasLeft = false
  return {
    handleTextInput: (view, _from, _to, words) => isSelected(view.state) && leavePicture(view, words),
    handlePaste(view, _event, slice) {
      // In a caption, there is room for words; a table or another picture comes behind it.
      if (isSelected(view.state) || breaksPicture(view.state.tr.replaceSelection(slice))) leavePicture(view)
      return false
    },
    handleDOMEvents: {
      // Words that come without a key: dictated, from a list of emoji, from the keyboard of a telephone.
      beforeinput(view, event) {
        const { inputType, data } = event
        if (inputType !== "insertText" || !data || !isSelected(view.state)) return false
        event.preventDefault()
        return leavePicture(view, data)
      },
      compositionstart(view) {
        hasLeft = isSelected(view.state) && leavePicture(view)
        return false
      },
      // Chromium goes on to put the cursor where, counted in letters, the composition would have begun:
      // within the caption. The library would follow it there, and end the composition.
      input(view) {
        if (!hasLeft) return false
        hasLeft = false
        const cursor = document.getSelection()
        cursor.selectAllChildren(view.domAtPos(view.state.selection.from).node)
        cursor.collapseToEnd()
        return false
      },
    },
  }
}

/** Whether a change makes a heading or a list of a caption, or cuts a picture in two; both lose the picture. */
const breaksPicture = (tr) =>
  tr.steps.some(({ from, to, gapFrom, slice }, index) => {
    if (!slice) return false
    const doc = tr.docs[index]
    const first = slice.content.firstChild
    if (gapFrom !== undefined)
      return gapFrom === from + 1 && isPictureNode(doc.nodeAt(from)) && !isPictureNode(first)
    const $from = doc.resolve(from)
    return isPictureNode($from.parent) && to <= $from.end() && Boolean(first?.isBlock)
  })

/* --- How it looks in the editor ---------------------------------------------------------------------- */

const button = (textContent, run, className = "") => {
  const element = crel("button", { type: "button", className, textContent })
  element.addEventListener("click", run)
  return element
}

const WORDS = { waiting: "等待中", running: "正在上传", failed: "没有传上去：", dropped: "已取消" }

class PictureView {
  constructor({ node, editor, getPos }, addresses) {
    this.editor = editor
    this.addresses = addresses
    this.getPos = getPos
    this.face = crel("div", { className: "picture-face", contentEditable: "false" })
    this.contentDOM = crel("figcaption", { "data-placeholder": "图片说明（可不填）" })
    this.dom = crel("figure", {}, [this.face, this.contentDOM])
    this.jobs = editor.storage.incoming.jobs
    this.jobs.addEventListener("change", this)
    this.update(node)
    const job = this.job
    if (job) this.jobs.begin(job)
  }

  get job() {
    return this.jobs.get(this.node.attrs.incoming)
  }

  get place() {
    return { node: this.node, at: this.getPos() }
  }

  update(node) {
    if (node.type.name !== "picture") return false
    const isOther = this.node?.attrs !== node.attrs
    this.node = node
    if (isOther && node.attrs.file) this.dom.removeAttribute("data-state")
    if (isOther) this.face.replaceChildren(...(node.attrs.file ? this.picture() : this.placeholder()))
    this.contentDOM.classList.toggle("is-empty", !node.childCount)
    return true
  }

  picture() {
    const { src, alt } = this.node.attrs
    const title = "双击图片，填写替代文字和说明"
    const image = crel("img", { src, alt: alt ?? "", draggable: true, title })
    const open = () => describe(this.editor, this.place, this.addresses)
    image.addEventListener("dblclick", open)
    // With the keyboard, Enter does it: one stop for each picture would be a long way through a text.
    const badge = button(alt ? "图片设置" : "缺替代文字", open, alt ? "picture-settings" : "picture-missing")
    badge.tabIndex = -1
    return [image, badge]
  }

  placeholder() {
    const name = this.job?.file?.name ?? this.job?.address ?? ""
    this.state = crel("span", { className: "picture-state" })
    this.bar = crel("progress", { max: 1, ariaLabel: `“${name || "图片"}”的进度` })
    this.buttons = crel("span", { className: "picture-buttons" })
    this.retry = button("重试", () => this.jobs.retry(this.job))
    this.away = button("移除", () => {
      this.editor.storage.incoming.takeAway(this.editor, (job) => job === this.job)
      this.editor.view.focus()
    })
    this.show()
    return [crel("span", { className: "picture-name", textContent: name }), this.bar, this.state, this.buttons]
  }

  /** Show how far the job is; only the words that change are touched. */
  show() {
    const { state = "dropped", part = 0, reason = "", file, final } = this.job ?? {}
    const isSending = state === "running" && file
    this.dom.dataset.state = state
    this.bar.hidden = state === "failed" || state === "dropped"
    if (isSending && part < 1) this.bar.value = part
    else this.bar.removeAttribute("value") // nobody knows how long it takes
    const words = state === "running" && !file ? "正在取回" : (WORDS[state] ?? "")
    const more = { failed: reason, running: isSending ? `${Math.floor(part * 100)}%` : "" }[state] ?? ""
    this.state.textContent = words + more
    this.offer(state === "failed" && !final ? [this.retry, this.away] : [this.away])
  }

  offer(buttons) {
    if (this.buttons.childElementCount !== buttons.length) this.buttons.replaceChildren(...buttons)
  }

  handleEvent({ detail: job }) {
    if (job === this.job && !this.node.attrs.file) this.show()
  }

  stopEvent({ target }) {
    return target.closest?.("button") !== null && this.face.contains(target)
  }

  ignoreMutation({ target, type }) {
    return type !== "selection" && !this.contentDOM.contains(target)
  }

  destroy() {
    this.jobs.removeEventListener("change", this)
  }
}

/* --- The node ---------------------------------------------------------------------------------------- */

const BACKSPACES = ["Backspace", "Mod-Backspace", "Shift-Backspace", "Alt-Backspace"]
const DELETES = ["Delete", "Mod-Delete", "Alt-Delete"]

const each = (keys, run) => Object.fromEntries(keys.map((key) => [key, run]))

export const Picture = Node.create({
  name: "picture",
  group: "block",
  content: "text*",
  marks: "",
  draggable: true,
  isolating: true,
  priority: 150, // its Enter comes before that of a list

  addOptions() {
    return { list: "", upload: "", change: "" }
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
    return ["figure", "img"].map((tag) => ({ tag, getAttrs: isPicture, contentElement: captionOf }))
  },

  renderHTML({ node }) {
    // The library wants an element for every node; the server drops an empty paragraph.
    if (!node.attrs.file) return ["p", 0]
    const image = Object.entries(STORED).map(([name, attribute]) => [attribute, node.attrs[name]])
    return ["figure", ["img", Object.fromEntries(image)], ["figcaption", 0]]
  },

  addNodeView() {
    return (props) => new PictureView(props, this.options)
  },

  addMenuItems({ menu, buttons }) {
    menu.defineItem({
      name: "picture",
      groups: "nodes",
      button: buttons.material("image", "插入图片"),
      active: (editor) => editor.isActive("picture"),
      command: async (editor) => {
        const selected = selectedPicture(editor.state)
        if (selected?.node.attrs.file) return describe(editor, selected, this.options)
        const picture = await choosePicture(this.options, { describe: true })
        if (!picture) return
        const content = picture.caption ? [{ type: "text", text: picture.caption }] : []
        insertPictures(editor, [{ type: "picture", attrs: attributesOf(picture), content }])
      },
    })
  },

  addKeyboardShortcuts() {
    const { editor } = this
    const inCaption = () => !editor.state.selection.node && selectedPicture(editor.state)
    return {
      Enter: () => {
        const picture = selectedPicture(editor.state)
        if (!picture) return false
        if (inCaption() || !picture.node.attrs.file) return leavePicture(editor.view)
        describe(editor, picture, this.options)
        return true
      },
      "Shift-Enter": () => leavePicture(editor.view),
      Escape: () => {
        const picture = inCaption()
        if (picture) select(editor, picture.at)
        return Boolean(picture)
      },
      ...each(BACKSPACES, () => {
        const picture = inCaption()
        const { empty, $from } = editor.state.selection
        if (!picture) return approach(editor, true)
        if (!empty || $from.parentOffset) return false
        select(editor, picture.at)
        return true
      }),
      ...each(DELETES, () => {
        const { empty, $from } = editor.state.selection
        if (!inCaption()) return approach(editor, false)
        return empty && $from.parentOffset === $from.parent.content.size // what follows is no caption
      }),
      "Alt-ArrowUp": () => move(editor, -1),
      "Alt-ArrowDown": () => move(editor, 1),
    }
  },

  addProseMirrorPlugins() {
    const { editor } = this
    return [
      new Plugin({
        // What is undone was there before.
        filterTransaction: (tr) => Boolean(tr.getMeta("history$")) || !breaksPicture(tr),
        props: {
          ...writing(),
          handleClickOn(_view, _pos, node, at, event) {
            if (node.type.name !== "picture" || !event.target.closest(".picture-face")) return false
            select(editor, at)
            return true
          },
        },
      }),
    ]
  },
})
