/* Pictures on their way into the library: a few at a time, in the order in which they stand in the text.
 * Knows nothing of the text; the placeholders there name a job by its id.
 */
import { fetchPicture, Refused, uploadPicture } from "cms/picker"

const AT_A_TIME = 3
const OPEN = ["new", "waiting", "running"]

let lastId = 0 // one for all editors of a page: a placeholder may be dragged from one to another

export const isOpen = ({ state }) => OPEN.includes(state)

/** Dispatches "change" for every job that gets on, and for its end. */
export class Jobs extends EventTarget {
  #jobs = new Map()
  #waiting = []
  #running = 0

  /** What was pasted together, for a report on all of it. */
  batch = new Set()

  constructor(addresses) {
    super()
    this.addresses = addresses
  }

  /** Note a picture, and return the job's id. It begins when its placeholder is in the text.
   *
   * It is a `file`, or at an `address`, or cannot be had, for a `reason`. `mark` says in the text which
   * one it was if it cannot be had; without one, the placeholder stays until somebody takes it away.
   */
  add({ file = null, address = "", mark = "", alt = "", reason = "" }) {
    const fresh = { file, address, mark, alt, reason, state: "new", part: 0, final: false }
    const job = this.#known(address) ?? { id: `${++lastId}`, ...fresh }
    this.#jobs.set(job.id, job)
    this.batch.add(job)
    return job.id
  }

  /** The job for an address that is on its way already, or was had. */
  #known(address) {
    return [...this.#jobs.values()].find((job) => address && job.address === address && (isOpen(job) || job.picture))
  }

  /** From here on, reports are of what comes now, and of what is still on its way. */
  beginBatch() {
    for (const job of this.batch) if (!isOpen(job) && job.state !== "failed") this.batch.delete(job)
  }

  get(id) {
    return this.#jobs.get(id)
  }

  /** A placeholder is in the text: get its picture. Undoing may bring it back after the job's end. */
  begin(job) {
    if (job.state === "done" || job.state === "missing") this.#change(job, {})
    else if (!job.file && !job.address) this.#change(job, { state: "missing" })
    else if (job.state === "new" || job.state === "dropped") this.retry(job)
  }

  retry(job) {
    this.#change(job, { state: "waiting", part: 0 })
    this.#waiting.push(job)
    this.#next()
  }

  /** Forget a picture that nobody wants any more. */
  drop(job) {
    this.#waiting = this.#waiting.filter((other) => other !== job)
    this.#change(job, { state: "dropped" })
    job.abort?.abort()
  }

  #next() {
    while (this.#running < AT_A_TIME && this.#waiting.length) this.#run(this.#waiting.shift())
  }

  async #run(job) {
    const abort = new AbortController()
    this.#running += 1
    this.#change(job, { state: "running", abort })
    try {
      const picture = await this.#bring(job, abort.signal)
      this.#change(job, { state: "done", picture, file: null })
    } catch (error) {
      if (!abort.signal.aborted) this.#change(job, this.#ending(job, error))
    }
    this.#running -= 1
    this.#next()
  }

  #bring(job, signal) {
    const fields = { image_alt_text: job.alt }
    if (!job.file) return fetchPicture(this.addresses.fetch, job.address, fields, { signal })
    const progress = (part) => this.#change(job, { part })
    return uploadPicture(this.addresses.upload, job.file, fields, { signal, progress })
  }

  /** What was refused will be refused again; all else, the network's trouble, may be tried again. */
  #ending(job, error) {
    const final = error instanceof Refused
    if (error.spacer) return { state: "missing", mark: "" }
    return { state: final && job.mark ? "missing" : "failed", reason: error.message, final }
  }

  #change(job, news) {
    Object.assign(job, news)
    this.dispatchEvent(new CustomEvent("change", { detail: job }))
  }
}
