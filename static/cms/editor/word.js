/* What Word and WPS write in place of headings and lists, made into headings and lists. */

const HEADING_CLASS = /(?:^|\s)MsoHeading([1-9])(?:\s|$)/
const OUTLINE = /mso-outline-level:\s*([1-9])/g
const STYLE_NAME = /mso-style-name:\s*["']?(?:标题|heading)\s*\\?,?\s*([1-9])/gi
const LIST = /mso-list:\s*(?:l(\d+)\s+level(\d+)|none|skip)/gi
// What colleagues remarked in the margin, and the marks in the text that lead there.
const REMARKS = "[style*='mso-element:comment-list'], .MsoCommentReference, .msocomanchor"

/** The rules of the style sheet that comes with the text, by class. */
const rulesOf = (page) => {
  const rules = new Map()
  const css = [...page.querySelectorAll("style")].map((style) => style.textContent).join("\n")
  for (const [, selectors, declarations] of css.matchAll(/([^{}]+)\{([^{}]*)\}/g))
    for (const [, name] of selectors.matchAll(/\.([\w-]+)/g))
      rules.set(name, `${rules.get(name) ?? ""};${declarations}`)
  return rules
}

/** What is declared for an element, its classes' rules first. Raw: browsers drop mso-* when they parse. */
const declared = (element, rules) =>
  [...element.classList].map((name) => rules.get(name) ?? "").join(";") + `;${element.getAttribute("style") ?? ""}`

const lastOf = (pattern, text) => [...text.matchAll(pattern)].at(-1)

/* --- Headings ---------------------------------------------------------------------------------------- */

const headingLevel = (element, rules) => {
  if (element.classList.contains("MsoTitle")) return 1
  const byClass = HEADING_CLASS.exec(element.className)
  if (byClass) return Number(byClass[1])
  const style = declared(element, rules)
  const found = lastOf(OUTLINE, style) ?? lastOf(STYLE_NAME, style)
  return found && Number(found[1])
}

const rename = (element, tag) => {
  const renamed = element.ownerDocument.createElement(tag)
  renamed.append(...element.childNodes)
  element.replaceWith(renamed)
  return renamed
}

/* --- Lists ------------------------------------------------------------------------------------------- */

const DIGITS = "〇一二三四五六七八九"

/** 十二 is 12; up to 99, which is more than any list has. */
const chineseNumber = (text) => {
  if (!text.includes("十")) return DIGITS.indexOf(text)
  const [tens, ones] = text.split("十")
  return (tens ? DIGITS.indexOf(tens) : 1) * 10 + (ones ? DIGITS.indexOf(ones) : 0)
}

const ROMAN = { i: 1, v: 5, x: 10, l: 50 }

const romanNumber = (text) => {
  const values = [...text.toLowerCase()].map((letter) => ROMAN[letter])
  return values.reduce((sum, value, index) => sum + (value < values[index + 1] ? -value : value), 0)
}

/** What a marker counts: {type, number}, or null for a bullet. Wingdings' bullets are letters as well. */
const counted = (marker) => {
  const text = marker.normalize("NFKC").replace(/^[(]|[).、:]$/g, "")
  const last = text.split(".").at(-1)
  if (/^\d+(\.\d+)*$/.test(text)) return { type: "", number: Number(last) }
  if (/^[一二三四五六七八九十]+$/.test(text)) return { type: "", number: chineseNumber(text) }
  if (!/[).、]$/.test(marker.normalize("NFKC"))) return null
  if (/^[ivxl]+$/i.test(text) && (text.length > 1 || /i/i.test(text)))
    return { type: text < "a" ? "I" : "i", number: romanNumber(text) }
  if (/^[a-z]$/i.test(text)) return { type: text < "a" ? "A" : "a", number: text.toLowerCase().charCodeAt(0) - 96 }
  return null
}

const isIgnored = (span) => /mso-list:\s*ignore/i.test(span.getAttribute("style"))

const isCondition = (node) => node.nodeType === Node.COMMENT_NODE && node.data.includes("!supportLists")

/** The marker's text, which Word writes out for readers who know no lists, and the element it is in. */
const markerOf = (paragraph) => {
  const element =
    [...paragraph.querySelectorAll("[style]")].find(isIgnored) ??
    [...paragraph.childNodes].find(isCondition)?.nextElementSibling
  return { element, text: (element?.textContent ?? "").replace(/[\s\u00a0]+/g, "") }
}

const previousBlock = (element) => {
  let node = element.previousSibling
  while (node && (node.nodeType === Node.COMMENT_NODE || !node.textContent.trim())) node = node.previousSibling
  return node
}

const newList = (page, { count }) => {
  const list = page.createElement(count ? "ol" : "ul")
  if (count?.type) list.setAttribute("type", count.type)
  if (count?.number > 1) list.setAttribute("start", count.number)
  return list
}

/** Whether `item` goes on in a list that began like this. */
const goesOn = (open, item) => open.id === item.id && Boolean(open.count) === Boolean(item.count)

/** Put list paragraphs into lists; `open` are the lists around the last item, outermost first. */
const makeLists = (page, items) => {
  let open = []
  for (const item of items) {
    if (!open.length || previousBlock(item.paragraph) !== open[0].list) open = []
    while (open.length > 1 && open.at(-1).level > item.level) open.pop()
    if (open.length && open[0].level > item.level) open[0].level = item.level
    const isNested = open.length && open.at(-1).level < item.level
    if (!open.length || isNested || !goesOn(open.at(-1), item)) {
      const list = newList(page, item)
      if (open.length && !isNested) open.pop()
      if (open.length) open.at(-1).list.lastElementChild.append(list)
      else item.paragraph.before(list)
      open.push({ ...item, list })
    }
    const entry = page.createElement("li")
    entry.append(item.paragraph)
    open.at(-1).list.append(entry)
  }
}

/** Whether this «一、» stands alone between other text: the title of a section, not an item. */
const isTitle = (item, index, items) => {
  const isNeighbour = (one, other) => other && previousBlock(other.paragraph) === one.paragraph
  const isAlone = !isNeighbour(items[index - 1] ?? item, item) && !isNeighbour(item, items[index + 1])
  return isAlone && /[一二三四五六七八九十]/.test(item.marker.text)
}

/** «第三条» is cited by its name: no list would say it. */
const isCited = ({ marker }) => /第.+[章节条款]/.test(marker.text)

/** Make headings and lists of what only looks like them, in a page as it was pasted. Returns the rules of
 * its style sheet.
 */
export const fromWord = (page) => {
  const rules = rulesOf(page)
  for (const remark of page.querySelectorAll(REMARKS)) remark.remove()
  const items = []
  for (const paragraph of page.querySelectorAll("p, div:not(:has(p, div, table, ul, ol))")) {
    const level = headingLevel(paragraph, rules)
    if (level) {
      rename(paragraph, `h${Math.min(level, 6)}`)
      continue
    }
    const list = lastOf(LIST, declared(paragraph, rules))
    if (!list?.[1]) continue
    const marker = markerOf(paragraph)
    if (!marker.element && !paragraph.className.includes("MsoList")) continue
    items.push({ paragraph, id: list[1], level: Number(list[2]), marker, count: counted(marker.text) })
  }
  const real = items.filter((item, ...rest) => !isCited(item) && !isTitle(item, ...rest))
  for (const { marker } of real) marker.element?.remove()
  makeLists(page, real)
  // Those that stay, of headings and clauses, lose the row of spaces behind them.
  for (const span of [...page.querySelectorAll("[style]")].filter(isIgnored)) {
    const text = span.textContent.trim()
    span.textContent = /\p{Punctuation}$/u.test(text) ? text : `${text} `
  }
  return rules
}
