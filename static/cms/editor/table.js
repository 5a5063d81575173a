/* Tables: the library asks for the header row by "Yes" and "No". */
import { Table as LibraryTable, updateAttrsDialog } from "django-prose-editor/editor"
import { leavePicture } from "cms/editor/picture"

const size = (title, max) => ({ type: "number", format: "number", title, min: "1", max, required: true })

const ask = updateAttrsDialog(
  {
    rows: size("行数", "100"),
    cols: size("列数", "20"),
    withHeaderRow: { type: "boolean", title: "第一行是表头" },
  },
  { title: "插入表格", submitText: "插入" },
)

export const Table = LibraryTable.extend({
  addCommands() {
    return {
      ...this.parent?.(),
      insertTableWithOptions:
        () =>
        ({ editor }) => {
          ask(editor, { rows: "3", cols: "3", withHeaderRow: true }).then((answer) => {
            if (!answer) return
            const { rows, cols, withHeaderRow } = answer
            leavePicture(editor.view) // a table would take its place
            editor.chain().focus().insertTable({ rows: Number(rows), cols: Number(cols), withHeaderRow }).run()
          })
        },
    }
  },
})
