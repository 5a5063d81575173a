/* The line below the text: how long it is, and what else there is to say of all of it. */
import { crel, Extension } from "django-prose-editor/editor"

const A_MINUTE = 400 // 字 that people read in one
const HAN = /\p{Script=Han}/gu
// A number with its signs is one word: 3.5, 18-22, 10%.
const WORD = /[\p{L}\p{N}]+(?:[.,'’@/-][\p{L}\p{N}]+)*/gu

const lines = new WeakMap()

/** Add a button or a sentence to the line below an editor. */
export const addToStatus = (editor, element) => {
  if (!lines.has(editor)) {
    const line = crel("div", { className: "editor-status" })
    editor.view.dom.after(line)
    lines.set(editor, line)
  }
  lines.get(editor).append(element)
}

/* --- Counting ---------------------------------------------------------------------------------------- */

/** A Chinese character is one 字, and so is a word or number in Latin letters; 标点 is only a 字符. */
const countOf = (text) => {
  const han = text.match(HAN)?.length ?? 0
  const rest = han ? text.replace(HAN, " ") : text
  return { words: han + (rest.match(WORD)?.length ?? 0), characters: text.replace(/\s+/g, "").length }
}

const counted = new WeakMap()

/** The count of a block. Blocks that nobody has touched are the same objects, and are not read again. */
const countOfBlock = (block) => {
  if (!counted.has(block)) counted.set(block, countOf(block.textBetween(0, block.content.size, " ", " ")))
  return counted.get(block)
}

const grouped = (number) => number.toLocaleString("zh-CN")

const sentence = ({ doc, selection }) => {
  let words = 0
  let characters = 0
  doc.forEach((block) => {
    const count = countOfBlock(block)
    words += count.words
    characters += count.characters
  })
  const all = `${grouped(words)} 字，${grouped(characters)} 字符，阅读约 ${Math.ceil(words / A_MINUTE)} 分钟`
  const chosen = selection.empty ? 0 : countOf(doc.textBetween(selection.from, selection.to, " ", " ")).words
  return chosen ? `选中 ${grouped(chosen)} 字，共 ${all}` : all
}

export const Count = Extension.create({
  name: "count",

  onCreate() {
    const { editor } = this
    const title = "汉字和英文单词、数字各算一个字；字符包括标点"
    const text = crel("span", { className: "editor-count", title })
    let frame = 0
    const show = () => {
      frame = 0
      text.textContent = sentence(editor.state)
    }
    addToStatus(editor, text)
    // At most once for each picture that the screen shows.
    editor.on("transaction", () => {
      frame ||= requestAnimationFrame(show)
    })
    show()
  },
})
