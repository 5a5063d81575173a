/* Writing on the whole screen. The library's own key is F11, which is the browser's; Ctrl+Shift+F, which
 * one might think of, switches Chinese input methods to traditional characters.
 */
import { Fullscreen as LibraryFullscreen } from "django-prose-editor/editor"

export const Fullscreen = LibraryFullscreen.extend({
  onCreate() {
    // Esc leaves, wherever in the editor the keyboard is.
    this.editor.view.dom.parentElement.closest(".prose-editor").addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented && this.storage.fullscreen)
        this.editor.commands.toggleFullscreen()
    })
  },

  addKeyboardShortcuts() {
    const { Escape } = this.parent()
    return { Escape, "Alt-Enter": () => this.editor.commands.toggleFullscreen() }
  },
})
