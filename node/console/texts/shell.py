"""Texts that stand around every page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.texts.fields import Pair

TEXTS: Final[Mapping[str, Pair]] = {
    "product": ("互信", "Huxin"),
    "product.long": ("信用信息互信节点", "Credit exchange node"),
    "skip": ("跳到正文", "Skip to content"),
    "menu": ("栏目", "Menu"),
    "group.today": ("今日", "Today"),
    "group.work": ("业务", "Work"),
    "group.alliance": ("联盟", "Alliance"),
    "group.node": ("本机", "This node"),
    "sign-out": ("退出", "Sign out"),
    "other-language": ("English", "中文"),
    "none.here": (
        "还没有找完，后面还有：请接着找。",
        "Not all has been looked through yet: there is more.",
    ),
    "matters.granted": (
        "只列您的账号可核查的事项；要办别的，请本市安全管理员在“账号”里为您开设有该事项的账号。",
        "Only matters of your account: a security administrator opens one for others.",
    ),
    "more": ("下一页", "Next page"),
    "list.unnamed": ("本市目录没有的名单", "a list unknown here"),
    "authority.unnamed": ("名称未载", "name not stated"),
    "first": ("回到首页", "First page"),
    "none": ("暂无", "None"),
    "code": ("代码", "Code"),
    "details": ("详情", "Details"),
    "search": ("查找", "Search"),
    "print": ("打印", "Print"),
    "word.file": ("待签原文", "word"),
    "letter": ("公文", "Letter"),
    "letter.print": ("打印公文", "Print the letter"),
    "letter.issue": ("文号和签发", "Number, and who issues it"),
    "yes": ("是", "Yes"),
    "no": ("否", "No"),
    # signing in
    "sign-in": ("登录", "Sign in"),
    "name": ("用户名", "Name"),
    "password": ("口令", "Password"),
    "one-time-code": ("动态码", "Code"),
    "one-time-code.hint": ("认证器上显示的 6 位数字", "The 6 digits your authenticator shows"),
    "new-password": ("新口令", "New password"),
    "new-password.hint": (
        "至少 12 个字符，不含用户名；几个不相干的词连起来最好记",
        "At least 12 characters, without your name; a few unrelated words are easy to remember",
    ),
    "change-password": ("修改口令", "Change password"),
    "sign-in.unsaved": (
        "登录已失效，刚才填写的内容没有提交，也没有保存。登录后回到原来的页面，请重新填写。",
        (
            "Your session has ended: what you filled in was not handed in and is not kept. After "
            "signing in you are on that page again; please fill it in anew."
        ),
    ),
    "sign-in.help": (
        "忘记口令或更换手机，请联系本市安全管理员。",
        "Password forgotten, or another telephone: ask your security administrator.",
    ),
    "sign-in.watched": (
        "每次登录和办理都记入查询日志。",
        "Every sign-in and every act stands in the query log.",
    ),
    "sign-in.provider": ("用{name}登录", "Sign in by {name}"),
    "sign-in.local": ("或者用本节点的账号", "Or with an account of this node"),
    "onward.provider": ("正在前往{name}", "On the way to {name}"),
    "onward.inside": ("登录成功，正在打开", "Signed in, opening"),
    "onward.link": ("没有自动打开时，请点这里", "Here, where it does not open by itself"),
    "signed-out": ("已退出互信", "Signed out of Huxin"),
    "signed-out.provider": (
        "在{name}的登录还在。公用电脑请一并退出。",
        "You are still signed in at {name}. On a shared computer sign out there as well.",
    ),
    "signed-out.there": ("一并退出{name}", "Sign out of {name}"),
    "signed-out.again": ("重新登录", "Sign in again"),
    # what else is answered
    "fault.no-page": ("没有这个页面", "No such page"),
    "fault.no-page.detail": (
        "网址有误，或者页面已移走。",
        "The address is wrong, or the page is gone.",
    ),
    "fault.none": ("没有找到", "Nothing was found"),
    "fault.none.detail": (
        "网址有误，或者这一件已不在本节点。请从栏目进入后查找。",
        "The address is wrong, or this node does not hold it any more: look for it by the menu.",
    ),
    "fault.not-yours": ("您的岗位不办理此项", "Not a task of your post"),
    "fault.not-yours.detail": (
        "需要此项权限时，请联系本市安全管理员。",
        "If it should be, ask your security administrator.",
    ),
    "fault.foreign-form": ("请求不是从本页面发出的", "The request was not sent from this console"),
    "fault.foreign-form.detail": (
        "未作任何更改。请从栏目重新进入后办理。",
        "Nothing was changed. Open the page from the menu and try again.",
    ),
    "fault.stale-form": ("页面已过时", "The page is out of date"),
    "fault.stale-form.detail": (
        "未作任何更改。请刷新页面后重新办理。",
        "Nothing was changed. Reload the page and try again.",
    ),
    "fault.no-form": ("提交的内容无法识读", "What was sent cannot be read"),
    "fault.no-form.detail": (
        "未作任何更改。请重新填写。",
        "Nothing was changed. Fill it in again.",
    ),
    "fault.too-large": ("提交的内容过大", "What was sent is too large"),
    "fault.too-large.detail": (
        "未作任何更改。请分几次提交。",
        "Nothing was changed. Send it in several parts.",
    ),
    "fault.slow": ("提交的内容未及时到齐", "What was sent did not arrive in time"),
    "fault.slow.detail": ("未作任何更改。请重试。", "Nothing was changed. Try again."),
    "fault.internal": ("页面出错", "The page failed"),
    "fault.internal.detail": (
        "未必办理成功，请先核对再重试。请把编号告诉运维：",
        "It may not have been done: look before you try again. Tell the operator this number:",
    ),
}
