/* Pictures that are on their way into the text: their placeholders, what became of them, and the form,
 * which is not sent while some are under way.
 */
import { Extension, Plugin, pm } from "django-prose-editor/editor"
import { isOpen, Jobs } from "cms/editor/jobs"
import { notice } from "cms/editor/notice"
import { insertPictures, setPicture } from "cms/editor/picture"

/** The placeholders in the text, each with its place and its job. */
const placeholders = (editor) => {
  const found = []
  editor.state.doc.descendants((node, at) => {
    const job = node.type.name === "picture" && editor.storage.incoming.jobs.get(node.attrs.incoming)
    if (job) found.push({ node, at, job })
    return !node.isTextblock
  })
  return found
}

/** Upload pictures from the clipboard or the disk, and show where they will stand. */
const insertFiles = (editor, files, at) => {
  const { storage } = editor
  storage.incoming.jobs.beginBatch()
  storage.incoming.remarks = []
  const ids = files.map((file) => storage.incoming.jobs.add({ file }))
  const pictures = ids.map((incoming) => ({ type: "picture", attrs: { incoming } }))
  insertPictures(editor, pictures, at)
}

/** The place for a picture nearest to a point: above or below a block, not within a sentence. */
const betweenBlocks = (view, { clientX, clientY }) => {
  const { doc, schema } = view.state
  const found = view.posAtCoords({ left: clientX, top: clientY })
  if (!found) return null
  const $at = doc.resolve(found.pos)
  let place = found.pos
  if ($at.parent.isTextblock) {
    const { top, bottom } = view.nodeDOM($at.before()).getBoundingClientRect()
    place = clientY < (top + bottom) / 2 ? $at.before() : $at.after()
  }
  const picture = new pm.model.Slice(pm.model.Fragment.from(schema.nodes.picture.create()), 0, 0)
  return pm.transform.dropPoint(doc, place, picture)
}

const pictureFiles = (transfer) => [...(transfer?.files ?? [])].filter((file) => file.type.startsWith("image/"))

/** Whether pasted HTML says something. Word and Excel put a photograph of their text beside it. */
const hasWords = (html) => new DOMParser().parseFromString(html, "text/html").body.textContent.trim() !== ""

/** Put other blocks, or none, in the place of a placeholder; its caption stays. */
const exchange = (tr, { node, at }, blocks) => {
  const { paragraph } = node.type.schema.nodes
  const place = tr.mapping.map(at)
  const all = node.childCount ? [...blocks, paragraph.create(null, node.content)] : blocks
  const isAlone = tr.doc.resolve(place).parent.childCount === 1 // a cell keeps a paragraph
  tr.replaceWith(place, place + node.nodeSize, all.length || !isAlone ? all : paragraph.create())
}

/** Put what became of a job in the place of its placeholders. */
const settle = (editor, job, missing) => {
  const { schema, tr } = editor.state
  for (const placeholder of placeholders(editor).filter((other) => other.job === job)) {
    if (job.picture) {
      const alt = placeholder.node.attrs.alt || job.picture.alt
      setPicture(tr, tr.mapping.map(placeholder.at), { ...job.picture, alt })
    } else {
      const words = job.mark && schema.text(missing.replace("{}", () => job.mark))
      exchange(tr, placeholder, words ? [schema.nodes.paragraph.create(null, words)] : [])
    }
  }
  // Undoing takes back the paste, and not what came of it.
  if (tr.docChanged) editor.view.dispatch(tr.setMeta("addToHistory", false))
}

const takeAway = (editor, isUnwanted) => {
  const { tr } = editor.state
  for (const placeholder of placeholders(editor).filter(({ job }) => isUnwanted(job))) {
    exchange(tr, placeholder, [])
    editor.storage.incoming.jobs.drop(placeholder.job)
  }
  editor.view.dispatch(tr)
}

const hasFailed = ({ state }) => state === "failed"

/** Say how far the pictures are that were pasted together. */
export const report = (editor) => {
  const { jobs, remarks, isHeld } = editor.storage.incoming
  const those = (state) => [...jobs.batch].filter((job) => job.state === state)
  const [done, missing, failed] = [those("done"), those("missing").filter(({ mark }) => mark), those("failed")]
  const open = those("waiting").length + those("running").length
  const lines = [...remarks]
  if (open && isHeld) lines.push(`正在等 ${open} 张图片传完，传完就保存，请不要关闭这一页。`)
  else if (open) lines.push(`正在把 ${open} 张图片放进图片库，您可以接着写。`)
  else if (done.length) lines.push(`${done.length} 张图片已放进图片库。`)
  if (missing.length) lines.push(`${missing.length} 张图片没有带过来，已在文中原处标出：`)
  for (const [reason, marks] of byReason(missing)) lines.push(`${marks.join("、")} —— ${reason}`)
  if (failed.length) lines.push(`${failed.length} 张图片没有传上去，请在文中原处重试或移除。`)
  notice(editor, lines)
}

const byReason = (jobs) => {
  const marks = new Map()
  for (const { reason, mark } of jobs) marks.set(reason, [...(marks.get(reason) ?? []), mark])
  return marks
}

const settled = (editor) =>
  new Promise((resolve) => {
    const { jobs } = editor.storage.incoming
    const look = () => {
      if (placeholders(editor).some(({ job }) => isOpen(job))) return
      jobs.removeEventListener("change", look)
      resolve()
    }
    jobs.addEventListener("change", look)
    look()
  })

const askAboutFailed = (editor) => {
  const { jobs } = editor.storage.incoming
  const failed = placeholders(editor).map(({ job }) => job).filter(hasFailed)
  const again = failed.filter(({ final }) => !final)
  const actions = again.length ? [["全部重试", () => again.forEach((job) => jobs.retry(job))]] : []
  actions.push(["全部移除", () => takeAway(editor, hasFailed)])
  const line = `还没有保存：有 ${failed.length} 张图片没有传上去。请重试，或者移除它们以后再保存。`
  const region = notice(editor, [line, ...new Set(failed.map(({ reason }) => reason))], actions)
  region.querySelector("button").focus()
}

/** Hold back a form until its pictures are there: what it sends would be without them. */
const guard = (editor, form) => {
  const { storage } = editor
  const isUnready = ({ job }) => isOpen(job) || hasFailed(job)
  let submitter = null
  const hold = async (event) => {
    // A preview opens a window of its own, which a browser only allows at once.
    if (event.submitter?.formTarget || !placeholders(editor).some(isUnready)) return
    event.preventDefault()
    event.stopImmediatePropagation()
    submitter = event.submitter
    if (storage.incoming.isHeld) return
    storage.incoming.isHeld = true
    report(editor)
    await settled(editor)
    storage.incoming.isHeld = false
    if (placeholders(editor).some(isUnready)) askAboutFailed(editor)
    else form.requestSubmit(submitter)
  }
  // Capturing: before any script that takes the form for sent.
  form.addEventListener("submit", hold, { capture: true })
}

export const Incoming = Extension.create({
  name: "incoming",

  addOptions() {
    return { upload: "", fetch: "", missing: "{}" }
  },

  addStorage() {
    return { jobs: new Jobs(this.options), remarks: [], isHeld: false, takeAway }
  },

  onCreate() {
    const { editor, options, storage } = this
    storage.jobs.addEventListener("change", ({ detail: job }) => {
      // Not at once: a placeholder may be starting its job while the text is being changed.
      queueMicrotask(() => {
        if (editor.isDestroyed) return
        if (job.state === "done" || job.state === "missing") settle(editor, job, options.missing)
        report(editor)
      })
    })
    const form = editor.view.dom.closest("form")
    if (form) guard(editor, form)
  },

  addProseMirrorPlugins() {
    const { editor } = this
    return [
      new Plugin({
        props: {
          handlePaste(_view, event) {
            const files = pictureFiles(event.clipboardData)
            if (!files.length || hasWords(event.clipboardData.getData("text/html"))) return false
            insertFiles(editor, files, null)
            return true
          },
          handleDrop(view, event) {
            if (view.dragging || !event.dataTransfer.files.length) return false
            const files = pictureFiles(event.dataTransfer)
            if (files.length) insertFiles(editor, files, betweenBlocks(view, event))
            else notice(editor, ["拖进来的不是图片。其他文件请在“图片与文件”里上传，再在正文里加链接。"])
            return true // the browser would open the file in the place of this page
          },
        },
      }),
    ]
  },
})
