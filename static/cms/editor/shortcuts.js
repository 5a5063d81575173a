/* The keys of the editor: what they are, what they are called, and the list of them. */
import { crel, Extension, HardBreak as LibraryHardBreak, isMacOS, Plugin } from "django-prose-editor/editor"
import { addToStatus } from "cms/editor/status"

/** Keys of the toolbar's buttons, by the names that the library gives them. */
export const KEYS = {
  bold: "Mod-B",
  italic: "Mod-I",
  underline: "Mod-U",
  strike: "Mod-Shift-S",
  link: "Mod-K",
  paragraph: "Mod-Alt-0",
  heading2: "Mod-Alt-2",
  heading3: "Mod-Alt-3",
  heading4: "Mod-Alt-4",
  bulletList: "Mod-Shift-8",
  orderedList: "Mod-Shift-7",
  blockquote: "Mod-Shift-B",
  "history:undo": "Mod-Z",
  "history:redo": "Mod-Y",
  find: "Mod-F",
  fullscreen: "Alt-Enter",
}

const OF_THE_SYSTEM = isMacOS() ? { Mod: "⌘", Alt: "⌥", Shift: "⇧" } : { Mod: "Ctrl" }
const NAMES = { Enter: "回车", Up: "↑", Down: "↓", Delete: "删除键", ...OF_THE_SYSTEM }

/** «Mod-Shift-S» as it is printed on the keys. */
export const keyName = (keys) =>
  keys
    .split("-")
    .map((key) => NAMES[key] ?? key)
    .join("+")

const GROUPS = {
  文字: [
    [KEYS.bold, "加粗"],
    [KEYS.italic, "斜体"],
    [KEYS.underline, "下划线"],
    [KEYS.strike, "删除线"],
    [KEYS.link, "链接（先选中文字）"],
    ["Shift-Enter", "换行，不另起一段"],
    [KEYS["history:undo"], "撤销"],
    [KEYS["history:redo"], "重做"],
  ],
  段落: [
    [KEYS.paragraph, "正文"],
    [KEYS.heading2, "大标题"],
    [KEYS.heading3, "中标题"],
    [KEYS.heading4, "小标题"],
    [KEYS.bulletList, "项目列表"],
    [KEYS.orderedList, "编号列表"],
    ["Tab", "列表：降一级；表格：下一格"],
    ["Shift-Tab", "列表：升一级；表格：上一格"],
    [KEYS.blockquote, "引用"],
  ],
  图片: [
    ["Esc", "从图片说明选中图片"],
    ["Enter", "设置选中的图片"],
    ["Alt-Up", "把图片上移"],
    ["Alt-Down", "把图片下移"],
    ["Delete", "删除选中的图片"],
  ],
  其他: [
    [KEYS.find, "查找"],
    ["Mod-H", "替换"],
    [KEYS.fullscreen, "全屏；按 Esc 退出"],
    ["Esc", "然后按 Tab：离开编辑区"],
    ["Mod-/", "打开这张表"],
  ],
}

const help = (editor) => {
  const lists = Object.entries(GROUPS).map(([title, keys]) =>
    crel("section", {}, [
      crel("h3", { textContent: title }),
      crel(
        "dl",
        {},
        keys.map(([key, what]) =>
          crel("div", {}, [
            crel("dt", {}, [crel("kbd", { textContent: keyName(key) })]),
            crel("dd", { textContent: what }),
          ]),
        ),
      ),
    ]),
  )
  const close = crel("button", { type: "button", textContent: "关闭" })
  const dialog = crel("dialog", { className: "prose-editor-dialog editor-keys", ariaLabel: "排版快捷键" }, [
    crel("div", { className: "editor-keys-head" }, [crel("h2", { textContent: "排版快捷键" }), close]),
    crel("div", { className: "editor-keys-groups" }, lists),
  ])
  close.addEventListener("click", () => dialog.close())
  dialog.addEventListener("close", () => {
    dialog.remove()
    editor.view.focus()
  })
  document.body.append(dialog)
  dialog.showModal()
}

export const Shortcuts = Extension.create({
  name: "shortcuts",

  onCreate() {
    const title = `排版快捷键（${keyName("Mod-/")}）`
    const button = crel("button", { type: "button", textContent: "排版快捷键", title })
    button.addEventListener("click", () => help(this.editor))
    addToStatus(this.editor, button)
  },

  addKeyboardShortcuts() {
    return {
      "Mod-/": () => {
        help(this.editor)
        return true
      },
    }
  },

  addProseMirrorPlugins() {
    // Tab belongs to lists and tables; who is used to it from forms would never get out of them.
    let leaving = false
    return [
      new Plugin({
        props: {
          handleDOMEvents: {
            keydown(_view, { key }) {
              const leaves = leaving && key === "Tab" // the browser's then
              if (key !== "Shift") leaving = key === "Escape"
              return leaves
            },
          },
        },
      }),
    ]
  },
})

/** Without Ctrl+Enter, which publishes: it is the form's. */
export const HardBreak = LibraryHardBreak.extend({
  addKeyboardShortcuts() {
    return { "Shift-Enter": () => this.editor.commands.setHardBreak() }
  },
})
