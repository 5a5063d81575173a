/* What was pasted, made into what the editor has: its schema drops classes and styles by itself, but it
 * must be told what they meant. The server's cleaner (portal/cms/richtext/tidy.py) has the last word;
 * this is to show an editor at once what will be kept, and to keep what only the clipboard says.
 */
import { pm } from "django-prose-editor/editor"
import { fromWord } from "cms/editor/word"

const { Fragment, Slice } = pm.model

/* --- The page, before the editor reads it ------------------------------------------------------------ */

const NOTHING_TO_READ = "script, style, meta, link, title, base, template, noscript, xml, select, textarea, canvas, col"
const PLAYERS = "iframe, object, embed, video, audio, qqmusic, mpvoice, mp-common-mpaudio, mp-common-videosnap"
const CARDS = "mp-common-profile, mp-common-product, mp-common-cpsad, mp-miniprogram, mp-style-type"
// Elements that begin a line of their own, which the editor's parser does not know for it.
const BREAKING = "center, main, nav, dt, legend, summary, details, caption, address"
const MOST_COLUMNS = 100
const PARTS_OF_A_TABLE = /^\s*(?:<!--[^]*?-->|<meta[^>]*>|\s)*<(?:tr|td|th|tbody|thead|col|colgroup)\b/i

/** A pasted range may come without the table around it; the parser would join its words. */
const parse = (html) => {
  const whole = PARTS_OF_A_TABLE.test(html) ? `<table>${html}</table>` : html
  return new DOMParser().parseFromString(whole, "text/html")
}

/** Let `element.style` know what style="…" says: under our Content-Security-Policy no document that a text
 * is read into does so by itself, and bold would be lost; a script may set it. Not before Word's lists are
 * read: what the browser does not know leaves the attribute.
 */
export const styled = (page) => {
  for (const element of page.querySelectorAll("[style]")) element.style.cssText = element.getAttribute("style")
  return page
}

const unwrap = (element) => element.replaceWith(...element.childNodes)

const asBlock = (element) => {
  const block = element.ownerDocument.createElement("div")
  block.append(...element.childNodes)
  element.replaceWith(block)
}

/** A figure is one picture with a caption; all else that goes by that name is a part of the text. */
const tidyFigures = (body) => {
  for (const figure of body.querySelectorAll("figure")) {
    const caption = figure.querySelector("figcaption")?.textContent.trim() ?? ""
    if (figure.querySelectorAll("img").length !== 1 || figure.textContent.trim() !== caption) asBlock(figure)
  }
}

/** Captions stand before their tables; short rows are filled at their end (the editor would fill them
 * at their beginning, and put every cell under the wrong head).
 */
const tidyTables = (body) => {
  for (const table of body.querySelectorAll("table")) {
    if (table.caption) table.before(table.caption)
    const widths = widthsOf(table)
    const width = widths.reduce((most, some) => Math.max(most, some), 0)
    if (width > MOST_COLUMNS) continue // nobody means that
    for (const [index, row] of [...table.rows].entries())
      for (let missing = width - widths[index]; missing > 0; missing -= 1) row.insertCell()
  }
}

/** How many columns each row of a table fills, with what hangs down into it from the rows above. */
const widthsOf = (table) => {
  const widths = Array.from(table.rows, () => 0)
  for (const [index, row] of [...table.rows].entries())
    for (const { colSpan, rowSpan } of row.cells)
      for (let at = index; at < Math.min(index + rowSpan, widths.length); at += 1) widths[at] += colSpan
  return widths
}

/** Line ends that mean something, in code and the like. */
const tidyPreformatted = (body) => {
  const kept = [...body.querySelectorAll("pre, [style]")].filter(
    (element) => element.matches("pre") || element.style.whiteSpace.startsWith("pre"),
  )
  for (const element of kept) {
    for (const text of textsIn(element)) if (text.data.trim()) text.replaceWith(...withBreaks(text.data))
    if (element.matches("pre")) asBlock(element)
  }
}

const withBreaks = (text) =>
  text.split(/\r?\n/).flatMap((line, index) => (index ? [document.createElement("br"), line] : [line]))

const textsIn = (root) => {
  const walker = root.ownerDocument.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  const texts = []
  while (walker.nextNode()) texts.push(walker.currentNode)
  return texts
}

/** Of styles, only what the editor has a mark for; of a heading, none: it is bold by being one. */
const tidyStyle = (element, rules) => {
  for (const name of element.classList) if (rules.has(name)) apply(element, rules.get(name))
  const { fontWeight, fontStyle, textDecorationLine } = element.style
  element.removeAttribute("style")
  if (element.closest("h1, h2, h3, h4, h5, h6")) return
  if (fontWeight) element.style.fontWeight = fontWeight
  if (/italic|oblique/.test(fontStyle)) element.style.fontStyle = "italic"
  if (/underline|line-through/.test(textDecorationLine) && !element.closest("a"))
    element.style.textDecoration = textDecorationLine
}

const KEPT = ["href", "title", "colspan", "rowspan", "start", "type", "style"]

const tidyAttributes = (body, rules) => {
  for (const element of body.querySelectorAll("*")) {
    if (element.hasAttribute("style") || element.hasAttribute("class")) tidyStyle(element, rules)
    if (element.matches("img")) continue // see `bringPictures`
    for (const name of element.getAttributeNames()) if (!KEPT.includes(name)) element.removeAttribute(name)
  }
  for (const bold of body.querySelectorAll(":is(h1, h2, h3, h4, h5, h6) :is(b, strong)")) unwrap(bold)
}

/** A class's rule says bold or italic, where the element itself does not say otherwise. */
const apply = (element, declarations) => {
  const rule = element.ownerDocument.createElement("span")
  rule.style.cssText = declarations
  element.style.fontWeight ||= rule.style.fontWeight
  element.style.fontStyle ||= rule.style.fontStyle
}

const tidyLinks = (body) => {
  for (const link of body.querySelectorAll("a[href]")) {
    const href = link.getAttribute("href").trim()
    // Anchors of another page, and files of another computer, lead nowhere from here.
    if (href.startsWith("#") || /^(file|javascript|about|blob):/i.test(href)) unwrap(link)
    else if (href.startsWith("//")) link.setAttribute("href", `https:${href}`)
    else if (/^www\./i.test(href)) link.setAttribute("href", `https://${href}`)
  }
}

const BLOCKS = new Set(
  `ADDRESS ARTICLE ASIDE BLOCKQUOTE BODY BR DD DIV DL DT FIGCAPTION FIGURE FOOTER FORM H1 H2 H3 H4 H5 H6
   HEADER HR IMG LI OL P SECTION TABLE TBODY TD TFOOT TH THEAD TR UL`.split(/\s+/),
)
const WIDE = /[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef“”‘’…—·]/

/** The texts of a page by line: those with no block and no <br> between them. */
const linesOf = (body) => {
  const walker = body.ownerDocument.createTreeWalker(body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT)
  const lines = [[]]
  let block = body
  while (walker.nextNode()) {
    const node = walker.currentNode
    if (BLOCKS.has(node.nodeName)) lines.push([])
    if (node.nodeType !== Node.TEXT_NODE) continue
    let around = node.parentElement
    while (!BLOCKS.has(around.nodeName)) around = around.parentElement
    if (around !== block) lines.push([])
    block = around
    lines.at(-1).push(node)
  }
  return lines.filter((line) => line.length)
}

/** Word breaks its source after 80 columns, within Chinese words as well, where a line end is no space. */
const joinLines = (body) => {
  for (const texts of linesOf(body)) {
    const line = texts.map((text) => text.data).join("")
    if (!line.includes("\n")) continue
    const dropped = new Set()
    for (const { index, 0: gap } of line.matchAll(/[ \t\r\n]*[\r\n][ \t\r\n]*/g))
      if (WIDE.test(line[index - 1] ?? "") && WIDE.test(line[index + gap.length] ?? ""))
        for (let at = index; at < index + gap.length; at += 1) dropped.add(at)
    if (!dropped.size) continue
    let start = 0
    for (const text of texts) {
      const letters = text.data.split("")
      text.data = letters.filter((_letter, at) => !dropped.has(start + at)).join("")
      start += letters.length
    }
  }
}

/** Return the body of what was pasted, ready for the editor, and how many players it had. */
export const tidyHtml = (html) => {
  const page = parse(html)
  const { body } = page
  const players = body.querySelectorAll(PLAYERS).length
  const rules = fromWord(page)
  styled(page)
  for (const element of page.querySelectorAll(`${NOTHING_TO_READ}, ${PLAYERS}, ${CARDS}`)) element.remove()
  tidyTables(body)
  for (const element of body.querySelectorAll(BREAKING)) asBlock(element)
  tidyFigures(body)
  tidyPreformatted(body)
  tidyAttributes(body, rules)
  tidyLinks(body)
  joinLines(body)
  return { body, players }
}

/* --- What the editor has read ------------------------------------------------------------------------- */

const INVISIBLE = /[\u200b\u200c\u200e\u200f\u2060\ufeff\u00ad]/g
const PADDING = /[ \t\n\r\f\u00a0]+/g
const BEFORE = /^[\s\u3000]+/
const BEHIND = /[\s\u3000]+$/

const INDENT = /^\s*\u3000+\s*/

/** Words as they are kept: without what nobody sees, and without what only holds places. */
const tidyWords = (text) => text.replace(INVISIBLE, "").replace(PADDING, " ")

/** A line that came as plain text, in which an indent is written out. */
export const tidyLine = (line) => tidyWords(line).replace(INDENT, "")

const isBreak = (node) => node.type.name === "hardBreak"

/** The lines of a block; each a list of texts, without the space around it. */
const linesIn = (block) => {
  const lines = [[]]
  block.forEach((node) => {
    if (isBreak(node)) lines.push([])
    else lines.at(-1).push({ node, text: node.isText ? tidyWords(node.text) : null })
  })
  for (const line of lines) {
    while (line.length && line[0].text !== null && !(line[0].text = line[0].text.replace(BEFORE, ""))) line.shift()
    while (line.length && line.at(-1).text !== null && !(line.at(-1).text = line.at(-1).text.replace(BEHIND, "")))
      line.pop()
    // Two spaces, one at the end of a run and one at the beginning of the next, are one.
    line.forEach((run, index) => {
      if (index && run.text?.startsWith(" ") && line[index - 1].text?.endsWith(" ")) run.text = run.text.slice(1)
    })
  }
  return lines
}

/** Return a block tidied: none if it says nothing, several where empty lines part it. */
const tidyBlock = (block) => {
  const { schema } = block.type
  const groups = [[]]
  for (const line of linesIn(block)) {
    const nodes = line.flatMap(({ node, text }) =>
      text === null ? [node] : text ? [schema.text(text, node.marks)] : [],
    )
    if (nodes.length) groups.at(-1).push(nodes)
    else if (groups.at(-1).length && block.type.name === "paragraph") groups.push([])
  }
  const { hardBreak } = schema.nodes
  const joined = (lines) => lines.flatMap((nodes, index) => (index ? [hardBreak.create(), ...nodes] : nodes))
  return groups.filter((lines) => lines.length).map((lines) => block.copy(Fragment.from(joined(lines))))
}

const isCell = (node) => /^table(Cell|Header)$/.test(node.type.name)

const tidyNode = (node) => {
  if (node.type.name === "picture") return [node]
  if (node.isTextblock) return tidyBlock(node)
  if (node.isLeaf) return [node]
  const content = tidyContent(node.content)
  // An empty cell keeps the cells beside it in their columns.
  if (!content.length && !isCell(node)) return []
  return [node.type.createAndFill(node.attrs, content, node.marks) ?? node]
}

const tidyContent = (fragment) => {
  const content = []
  fragment.forEach((node) => content.push(...tidyNode(node)))
  return content
}

const hasBreaks = (block) => block.content.content.some(isBreak)

/** Return pasted content without padding and empty blocks. */
export const tidySlice = (slice) => {
  const { content } = slice
  const { childCount, firstChild } = content
  const isWithinLine = childCount === 1 && firstChild.isTextblock && !hasBreaks(firstChild)
  if (!childCount || firstChild.isInline || isWithinLine) return tidyRun(slice)
  return Slice.maxOpen(Fragment.from(tidyContent(content)), false)
}

/** A few words in the middle of a line: a space before or behind them is part of it, an indent is not. */
const tidyRun = (slice) => {
  const tidied = (fragment) => {
    const nodes = []
    fragment.forEach((node, _at, index) => {
      if (!node.isText) return nodes.push(node.isInline ? node : node.copy(tidied(node.content)))
      const words = tidyWords(node.text)
      const text = index ? words : words.replace(INDENT, "")
      if (text) nodes.push(node.type.schema.text(text, node.marks))
    })
    return Fragment.from(nodes)
  }
  return new Slice(tidied(slice.content), slice.openStart, slice.openEnd)
}
