"""What the kernel can look at. In this order: whatever reads rows comes after the file they are in."""

from __future__ import annotations

from portal.cms.upkeep import columns, database, index, library, private, redirects, secrets
from portal.cms.upkeep.register import check

check("database", "数据库文件", database.find)
check("columns", "换用 PostgreSQL 时存不下的值", columns.refused)
check("media", "图库的文件", library.lost)
check("strays", "没有归属的图片和文件", library.find_strays, library.delete_strays)
check("sizes", "图片的各种尺寸", library.find_lacking, library.make_lacking)
check("uses", "图片的使用记录", library.find_unrecorded, library.record_uses)
check("orphans", "已删除内容的图片使用记录", library.find_orphans, library.delete_orphans)
check("private", "私密文件", private.find, private.mend)
check("redirects", "跳转", redirects.find, redirects.mend)
check("keys", "按网址查找的键", redirects.find_misfiled, redirects.file_anew)
check("links", "站内死链（上次检查页面时）", redirects.find_dead_links)
check("search", "搜索索引", index.find, index.mend)
check("secrets", "两步验证的密钥", secrets.find)
