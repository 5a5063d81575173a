"""The rows 用工方式对比 begins with. From then on they are the owner's own.

Tax is on purpose not said in figures: what holds after the VAT law of 2026 could not be settled.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations

COLUMNS = (
    "aspect",
    "dispatch",
    "outsourcing",
    "recruiting",
    "administration",
    "part_time",
    "basis",
)
ROWS = (
    (
        "劳动合同跟谁签",
        "劳务派遣单位，固定期限两年以上",
        "承包单位",
        "用工单位自己",
        "用工单位自己",
        "用工单位自己，可以口头订立",
        "《劳动合同法》第五十八条、第六十九条",
    ),
    (
        "日常由谁管理",
        "用工单位",
        "承包单位；用工单位直接管理的，可能被认定为派遣",
        "用工单位",
        "用工单位",
        "用工单位",
        "",
    ),
    (
        "怎么计费",
        "按人按月：工资、社保、公积金，加管理费",
        "按件、按小时或按项目结算成果",
        "录用后一次性收费，按人或按工资的比例；不向求职者收费",
        "按人按月收服务费",
        "按小时付工资，结算周期最长不超过十五日",
        "《劳动合同法》第六十条、第七十二条",
    ),
    (
        "工伤由谁负责",
        "派遣单位申报，用工单位协助；用工单位给劳动者造成损害的，双方承担连带责任",
        "先由承包单位负责",
        "用工单位",
        "用工单位",
        "用工单位，应当为劳动者缴纳工伤保险",
        "《劳动合同法》第九十二条",
    ),
    (
        "岗位和人数限制",
        "只能用于临时性、辅助性或者替代性岗位，不超过用工总量的 10%",
        "没有比例限制",
        "没有比例限制",
        "没有比例限制",
        "平均每天不超过四小时，每周累计不超过二十四小时",
        "《劳动合同法》第六十六条、第六十八条；《劳务派遣暂行规定》第四条",
    ),
    (
        "不需要的时候",
        "按派遣协议退回派遣单位，须符合法定情形",
        "按外包合同终止",
        "按劳动合同法解除或终止",
        "按劳动合同法解除或终止",
        "任何一方可以随时终止，不支付经济补偿",
        "《劳动合同法》第六十五条、第七十一条",
    ),
    (
        "服务方要有的资质",
        "劳务派遣经营许可证",
        "一般没有专门许可，按业务而定",
        "人力资源服务许可证",
        "人力资源服务备案",
        "直接招用不需要；委托招聘的，服务方要有人力资源服务许可证",
        "《劳动合同法》第五十七条；《人力资源市场暂行条例》第十八条",
    ),
    (
        "发票",
        "以合同和现行税务规定为准",
        "以合同和现行税务规定为准",
        "以合同和现行税务规定为准",
        "以合同和现行税务规定为准",
        "",
        "",
    ),
)


def add(apps: Any, schema_editor: Any) -> None:
    rows = apps.get_model("staffing", "ComparisonRow").objects.using(schema_editor.connection.alias)
    for order, row in enumerate(ROWS, start=1):
        rows.create(**dict(zip(COLUMNS, row, strict=True)), order=10 * order)


def keep(apps: Any, schema_editor: Any) -> None:
    """What the owner has made of them goes with its table, and not before."""


class Migration(migrations.Migration):
    dependencies = [("staffing", "0006_tools")]

    operations = [migrations.RunPython(add, keep)]
