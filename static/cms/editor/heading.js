/* Headings: of what is pasted, those outside our three levels keep being headings. */
import { Heading as LibraryHeading } from "django-prose-editor/editor"

const OTHERS = { h1: 2, h5: 4, h6: 4 }

export const Heading = LibraryHeading.extend({
  parseHTML() {
    return [...this.parent(), ...Object.entries(OTHERS).map(([tag, level]) => ({ tag, attrs: { level } }))]
  },
})
