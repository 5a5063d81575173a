/* The toolbar in Chinese, for people who see it and for those who have it read to them. */
import { Extension, gettext } from "django-prose-editor/editor"
import { KEYS, keyName } from "cms/editor/shortcuts"

const EVERYTHING = "nodes blockType lists marks link table history utility"
const FIRST = 200

/** The icon font turns English words into pictures; the style sheet puts them there (data-icon), so that
 * nobody is read "format_bold".
 */
const asIcon = (button) => {
  button.dataset.icon = button.textContent || button.dataset.icon
  button.textContent = ""
}

const label = ({ name, button }) => {
  const words = gettext(button.title)
  button.ariaLabel = words
  button.title = KEYS[name] ? `${words}（${keyName(KEYS[name])}）` : words
  if (/^(heading|paragraph)/.test(name)) {
    button.className = "prose-menubar__button"
    button.textContent = words
  } else if (button.matches(".material-icons")) asIcon(button)
}

/** Say what the library shows by colour alone. */
const describe = (item) => {
  const { button, active, update } = item
  const isToggle = item.name !== "table" && !item.name.startsWith("history")
  item.update = (editor) => {
    update(editor)
    if (button.matches(".material-icons") && button.textContent) asIcon(button)
    if (isToggle) button.ariaPressed = String(Boolean(active(editor)))
  }
}

export const Labels = Extension.create({
  name: "labels",
  priority: 1, // after all extensions that bring buttons

  addMenuItems({ menu }) {
    for (const item of menu.items(EVERYTHING)) {
      label(item)
      describe(item)
      if (item.name === "paragraph") item.priority = FIRST // it is what most of a text is
    }
  },

  onCreate() {
    const { dom } = this.editor.storage.menu
    dom.role = "group"
    dom.ariaLabel = "正文的格式"
  },
})

/** The text area's label names the editor that stands in its place. */
document.addEventListener("prose-editor:ready", ({ detail: { editor, textarea } }) => {
  const [label] = textarea.labels
  if (label) editor.view.dom.ariaLabel = label.textContent.trim().replace(/[:：]$/, "")
})
