/* Our part of the editor: every module brings what its first line says. Loaded by django-prose-editor's
 * "configurable" preset, which takes extensions by their names (portal/cms/richtext/config.py) from here.
 */
export { Find } from "cms/editor/find"
export { Fullscreen } from "cms/editor/fullscreen"
export { Heading } from "cms/editor/heading"
export { Incoming } from "cms/editor/incoming"
export { Labels } from "cms/editor/labels"
export { Paste } from "cms/editor/paste"
export { Picture } from "cms/editor/picture"
export { HardBreak, Shortcuts } from "cms/editor/shortcuts"
export { Count } from "cms/editor/status"
export { Table } from "cms/editor/table"
