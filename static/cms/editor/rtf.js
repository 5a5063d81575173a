/* The pictures that Word puts on the clipboard: in its HTML are only file:/// addresses, which no page may
 * read, but the same text comes as RTF, with the pictures in hexadecimal digits.
 */

const KINDS = [
  { begins: /89504e47/i, ending: "png", type: "image/png" },
  { begins: /ffd8ff/i, ending: "jpg", type: "image/jpeg" },
]

const bytesOf = (digits) => {
  const bytes = new Uint8Array(digits.length >> 1)
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = Number.parseInt(digits.substr(at * 2, 2), 16)
  return bytes
}

/** The end of the group that begins at `start`. */
const endOf = (rtf, start) => {
  let depth = 0
  const brackets = /\\.|[{}]/gs
  brackets.lastIndex = start
  for (let found = brackets.exec(rtf); found; found = brackets.exec(rtf)) {
    if (found[0] === "{") depth += 1
    if (found[0] === "}") depth -= 1
    if (depth === 0) return found.index
  }
  return rtf.length
}

/** The file in one group of an RTF text; null where it is of a kind that no page shows. */
const fileOf = (group, number) => {
  for (const { begins, ending, type } of KINDS) {
    const start = group.search(begins)
    if (start < 0) continue
    const bytes = bytesOf(group.slice(start).replace(/\s+/g, ""))
    return new File([bytes], `图片${number}.${ending}`, { type })
  }
  return null
}

/** Return the pictures of an RTF text, in order. */
export const picturesOf = (rtf) => {
  const found = []
  for (let at = rtf.indexOf("{\\pict"); at >= 0; at = rtf.indexOf("{\\pict", at + 1)) {
    // Word writes each picture twice: the second time for programs of the nineties.
    if (/\{\\nonshppict\s*$/.test(rtf.slice(Math.max(0, at - 20), at))) continue
    found.push(fileOf(rtf.slice(at, endOf(rtf, at)), found.length + 1))
  }
  return found
}
