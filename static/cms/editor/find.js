/* Finding and replacing within the text. Full-width and half-width, upper and lower case are the same. */
import { crel, Extension, pm, Plugin } from "django-prose-editor/editor"
import { keyName } from "cms/editor/shortcuts"

const { Fragment } = pm.model
const { PluginKey, TextSelection } = pm.state
const { Decoration, DecorationSet } = pm.view

const key = new PluginKey("find")
const NOTHING = { query: "", index: 0, matches: [], decorations: DecorationSet.empty }

/* --- Looking ----------------------------------------------------------------------------------------- */

/** One letter for each, so that a place in the result is the place in the text. */
const folded = (text) =>
  text.replace(/[^a-z0-9\u4e00-\u9fff]/g, (letter) => {
    const plain = letter.normalize("NFKC").toLowerCase()
    return plain.length === 1 ? plain : letter
  })

const foldedBlocks = new WeakMap()

const foldedBlock = (block) => {
  if (!foldedBlocks.has(block))
    foldedBlocks.set(block, folded(block.textBetween(0, block.content.size, null, "\ufffc")))
  return foldedBlocks.get(block)
}

/** Where in a block the words begin. */
const placesIn = (block, wanted) => {
  const text = foldedBlock(block)
  const places = []
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) places.push(at)
  return places
}

const textblocks = (doc, visit) =>
  doc.descendants((node, at) => {
    if (node.isTextblock) visit(node, at + 1)
    return !node.isTextblock
  })

/** Where the words stand: places from and to, in order. Words do not go on from block to block. */
const find = (doc, query) => {
  const wanted = folded(query)
  const matches = []
  if (wanted)
    textblocks(doc, (block, start) => {
      for (const place of placesIn(block, wanted))
        matches.push({ from: start + place, to: start + place + wanted.length })
    })
  return matches
}

/** The content of a block with other words at these places; they look as those did that stood there. */
const contentWith = (block, places, length, words) =>
  places.reduceRight((content, at) => {
    const text = words ? Fragment.from(block.type.schema.text(words, block.nodeAt(at).marks)) : Fragment.empty
    return content.cut(0, at).append(text).append(content.cut(at + length))
  }, block.content)

const look = (doc, query, index) => {
  const matches = find(doc, query)
  const current = Math.min(index, matches.length - 1)
  const decorations = matches.map(({ from, to }, number) =>
    Decoration.inline(from, to, { class: number === current ? "find-match is-current" : "find-match" }),
  )
  return { query, index: Math.max(current, 0), matches, decorations: DecorationSet.create(doc, decorations) }
}

/* --- The bar ----------------------------------------------------------------------------------------- */

class Bar {
  constructor(editor) {
    this.editor = editor
    this.query = crel("input", { type: "text", placeholder: "查找", ariaLabel: "查找" })
    this.replacement = crel("input", { type: "text", placeholder: "替换为", ariaLabel: "替换为" })
    this.status = crel("span", { className: "find-status", role: "status" })
    this.dom = crel("div", { className: "find-bar", role: "search", ariaLabel: "在正文中查找", hidden: true }, [
      this.query,
      this.button("上一处", () => this.step(-1), "Shift-Enter"),
      this.button("下一处", () => this.step(1), "Enter"),
      this.replacement,
      this.button("替换", () => this.replace()),
      this.button("全部替换", () => this.replaceAll()),
      this.button("关闭", () => this.close()),
      this.status,
    ])
    this.query.addEventListener("input", () => this.search())
    // It stands within the form, and is no part of what the form saves.
    for (const type of ["input", "change"]) this.dom.addEventListener(type, (event) => event.stopPropagation())
    this.dom.addEventListener("keydown", (event) => this.press(event))
  }

  button(textContent, run, keys = "") {
    const title = keys ? `${textContent}（${keyName(keys)}）` : textContent
    const button = crel("button", { type: "button", textContent, title })
    button.addEventListener("click", run)
    return button
  }

  get found() {
    return key.getState(this.editor.state)
  }

  open(field) {
    const { doc, selection } = this.editor.state
    const words = doc.textBetween(selection.from, selection.to)
    if (!this.dom.isConnected) this.editor.storage.menu.dom.append(this.dom)
    if (words && words.length < 100) this.query.value = words
    this.dom.hidden = false
    this.search(selection.from)
    this[words || field === "query" ? field : "query"].focus()
    this[field].select()
    return true
  }

  close() {
    this.dom.hidden = true
    this.tell({ query: "", index: 0 })
    this.editor.view.focus()
  }

  press(event) {
    const { target, shiftKey, ctrlKey, metaKey } = event
    if (event.key === "Escape") this.close()
    else if (event.key === "Enter" && target === this.query) this.step(shiftKey ? -1 : 1)
    else if (event.key === "Enter" && target === this.replacement) this.replace()
    else if (event.key.toLowerCase() === "f" && (ctrlKey || metaKey) && !shiftKey) this.query.select()
    else return
    event.preventDefault() // Enter would send the form
    event.stopPropagation()
  }

  tell(news, tr = this.editor.state.tr) {
    this.editor.view.dispatch(tr.setMeta(key, news))
    const { query, index, matches } = this.found
    if (!query) this.status.textContent = ""
    else this.status.textContent = matches.length ? `第 ${index + 1} 处，共 ${matches.length} 处` : "没有找到"
  }

  /** Look for what is in the field, from a place on. */
  search(from = this.editor.state.selection.from) {
    const query = this.query.value
    const next = find(this.editor.state.doc, query).findIndex((match) => match.from >= from)
    this.tell({ query, index: Math.max(next, 0) })
    this.show()
  }

  step(by) {
    const { index, matches } = this.found
    if (!matches.length) return
    this.tell({ query: this.query.value, index: (index + by + matches.length) % matches.length })
    this.show()
  }

  /** Select the current match, and bring it into view. */
  show() {
    const { index, matches } = this.found
    if (!matches.length) return
    const { view } = this.editor
    const { from, to } = matches[index]
    view.dispatch(view.state.tr.setSelection(TextSelection.create(view.state.doc, from, to)))
    const { node } = view.domAtPos(from)
    const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node
    element.scrollIntoView({ block: "nearest" })
  }

  replace() {
    const { query, index, matches } = this.found
    if (!matches.length) return
    const { from, to } = matches[index]
    this.tell({ query, index }, this.editor.state.tr.insertText(this.replacement.value, from, to))
    this.search(from + this.replacement.value.length)
  }

  replaceAll() {
    const { query, matches } = this.found
    const { doc, tr } = this.editor.state
    const wanted = folded(query)
    // One step a block, not one a match: hundreds in a long text are no reason to wait.
    textblocks(doc, (block, start) => {
      const places = query ? placesIn(block, wanted) : []
      if (!places.length) return
      const content = contentWith(block, places, wanted.length, this.replacement.value)
      tr.replaceWith(tr.mapping.map(start), tr.mapping.map(start + block.content.size), content)
    })
    this.tell({ query, index: 0 }, tr)
    this.status.textContent = matches.length ? `替换了 ${matches.length} 处` : "没有找到"
  }
}

export const Find = Extension.create({
  name: "find",

  addStorage() {
    return { bar: null }
  },

  onCreate() {
    this.storage.bar = new Bar(this.editor)
  },

  addMenuItems({ menu, buttons }) {
    menu.defineItem({
      name: "find",
      groups: "utility",
      button: buttons.material("search", "查找和替换"),
      active: () => this.storage.bar?.dom.hidden === false,
      command: () => this.storage.bar.open("query"),
    })
  },

  addKeyboardShortcuts() {
    return {
      "Mod-f": () => this.storage.bar.open("query"),
      "Mod-h": () => this.storage.bar.open("replacement"),
    }
  },

  addProseMirrorPlugins() {
    return [
      new Plugin({
        key,
        state: {
          init: () => NOTHING,
          apply(tr, found) {
            const { query, index } = tr.getMeta(key) ?? found
            if (!query) return NOTHING
            return tr.docChanged || tr.getMeta(key) ? look(tr.doc, query, index) : found
          },
        },
        props: { decorations: (state) => key.getState(state).decorations },
      }),
    ]
  },
})
