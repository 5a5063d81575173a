/* What an editor has to know, in a region above the text, and buttons for what can be done about it. */
import { crel } from "django-prose-editor/editor"

const regions = new WeakMap()

const regionOf = (editor) => {
  if (!regions.has(editor)) {
    const region = crel("div", { className: "editor-notice", role: "status" })
    editor.view.dom.before(region)
    regions.set(editor, region)
  }
  return regions.get(editor)
}

/** Show these lines in place of the last ones; none takes the notice away. `actions`: [label, function]. */
export const notice = (editor, lines, actions = []) => {
  const region = regionOf(editor)
  const said = [...lines, ...actions.map(([label]) => label)].join("\n")
  if (said === (region.dataset.said ?? "")) return region // said again, it would be read out again
  region.dataset.said = said
  const close = ["知道了", () => notice(editor, [])]
  const buttons = [...actions, close].map(([textContent, run]) => {
    const button = crel("button", { type: "button", textContent })
    button.addEventListener("click", () => {
      editor.view.focus()
      run()
    })
    return button
  })
  const sentences = lines.map((textContent) => crel("p", { textContent }))
  const parts = [
    crel("div", { className: "editor-notice-lines" }, sentences),
    crel("div", { className: "editor-notice-actions" }, buttons),
  ]
  region.replaceChildren(...(lines.length ? parts : []))
  return region
}
