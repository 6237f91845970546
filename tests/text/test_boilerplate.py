"""Boilerplate of web pages, by piece, all invented by one hand after the manner of real pages.

The REPORTED pieces were written before the patterns and run against them once, when every TUNED piece was found: 35 of
36 English and 34 of 36 Chinese ones were found then. Menus with one label were mended afterwards.
"""

from __future__ import annotations

import pytest

from ctxshape.text.boilerplate import boilerplate_kind, boilerplate_kinds, may_have_boilerplate
from ctxshape.text.words import query_words

TUNED_ENGLISH = [
    "We use cookies to personalise content and ads.",
    "Our website uses cookies to analyse traffic.",
    "By clicking “Accept”, you agree to the storing of cookies on your device.",
    "We value your privacy",
    "Diese Website verwendet Cookies, um Inhalte anzuzeigen.",
    "Wir nutzen auf dieser Seite Cookies.",
    "Nous utilisons des cookies pour améliorer votre visite.",
    "Este sitio web utiliza cookies.",
    "Questo sito utilizza cookie tecnici.",
    "Deze website maakt gebruik van cookies.",
    "Этот сайт использует файлы cookie.",
    "当サイトではクッキーを使用しています。",
    "This page was last edited on 3 May 2024, at 10:12.",
    "Text is available under the Creative Commons licence; additional terms may apply.",
    "This e-mail is confidential and intended solely for the addressee.",
    "If you are not the intended recipient, please delete it.",
    "Diese E-Mail ist vertraulich.",
    "本邮件及其附件含有保密信息。",
    "You can change your choices at any time.",
    "Jump to navigation",
    "Rosa® is a registered trademark of the Wikimedia Foundation, Inc.",
    "Manage cookie preferences",
    "Toggle navigation Home About Blog Contact",
    "Home » Harbours » Cape Rosa",
    "Home / Shop / Lamps",
    "World | Politics | Business | Opinion | Log in",
    "Menu Search Sign in",
    "Share this article",
    "Facebook Twitter LinkedIn WhatsApp Email",
    "Follow us on Twitter and Facebook for daily news.",
    "Click to share on Facebook (Opens in new window)",
    "Read more: Five storms that changed the coast",
    "See also: The keepers of Cape Rosa",
    "Learn more",
    "Click here for more information.",
    "You may also like these stories",
    "Load more comments",
    "Subscribe to our newsletter",
    "Join our mailing list for weekly updates.",
    "Don't forget to subscribe to our channel!",
    "ADVERTISEMENT",
    "Story continues below",
    "Buy now and get 20% off your first order!",
    "This post contains affiliate links.",
    "Download our free app",
    "Copyright 2021 The Harbour Post",
    "(c) 2014 Cape Rosa. All Rights Reserved.",
    "No part of this site may be reproduced without our written permission, and it may not be copied without consent.",
    "Sign in to continue reading",
    "You must be logged in to post a comment.",
    "Forgot your password?",
    "404 - Page not found",
    "Your browser does not support the video tag.",
    "Disclaimer: this is general information.",
    "Back to top",
    "Be the first to comment on this story",
]
TUNED_CHINESE = [
    "我们使用Cookie来改善您的体验。",
    "本站采用cookie技术，继续使用本站即视为您同意。",
    "点击展开全文",
    "点击此处查看更多图片",
    "查看更多",
    "分享到：QQ空间 新浪微博 微信好友",
    "一键分享",
    "分享给好友",
    "版权所有：玫瑰角日报社",
    "本网站版权归玫瑰角新闻网所有",
    "未经许可不得转载",
    "如有侵权，请联系删除",
    "登录后可查看",
    "请登录",
    "请先注册或登录",
    "还没有账号？",
    "相关文章：灯塔的故事",
    "延伸阅读",
    "热门推荐",
    "广告",
    "长按二维码关注公众号",
    "更多精彩内容，请关注微信公众号“玫瑰角”。",
    "欢迎关注我们的官方微博",
    "首页 >> 新闻中心 >> 正文",
    "首页 新闻 论坛 博客 登录 注册",
    "网站地图 | 联系我们 | 隐私政策",
    "上一篇：海港重建",
    "下一页",
    "免责声明：内容仅供参考。",
    "特别声明：以上文章内容仅代表作者本人观点。",
    "以上内容不代表本站立场",
    "立即下载APP",
    "限时特惠",
    "您的浏览器版本过低",
    "编辑推荐",
    "责任编辑：李华",
    "当前位置：首页 > 历史",
    "沪ICP备2020012345号",
    "分享到微博",
    "版權聲明",
    "廣告",
    "登入 註冊",
    "返回首頁",
    "轉載請註明出處",
]
REPORTED_ENGLISH = [
    "This website uses cookies to ensure you get the best experience on our website.",
    "By using our site you acknowledge that you have read and understand our Cookie Policy.",
    "Accept All Cookies",
    "We and our 128 technology partners ask you to consent to the use of cookies to store and access personal data.",
    "Home About Services Gallery Contact Us",
    "Home > Travel > Europe > Lighthouses",
    "Skip to main content",
    "News | Sport | Weather | iPlayer | Sounds | Search",
    "Share this story on Facebook, Twitter or WhatsApp.",
    "Share Tweet Pin Email Print",
    "Follow us on Instagram @caperosa",
    "Like this article? Share it with your friends!",
    "Read more »",
    "Continue reading the main story",
    "Click here to see the full list.",
    "You might also like",
    "Related Articles: Ten harbours you must see",
    "Sign up for our free daily newsletter.",
    "Get the best stories delivered straight to your inbox every morning.",
    "Subscribe to our YouTube channel for more videos.",
    "Enter your email address to receive updates.",
    "Advertisement",
    "Article continues below this ad",
    "Sponsored Content",
    "Limited time offer: free shipping on all orders!",
    "Copyright © 2018 Daily Harbour. All rights reserved.",
    "© 2003-2021 Cape Rosa Media Ltd",
    "This material may not be published, broadcast, rewritten or redistributed without permission.",
    "Please log in or register to post a comment.",
    "Already a member? Log in",
    "Create a free account to continue reading.",
    "Please enable JavaScript in your browser to view this page.",
    "Leave a Reply",
    "Your email address will not be published. Required fields are marked *",
    "Privacy Policy | Terms of Use | Cookie Settings | Accessibility",
    "The views expressed in this article are those of the author and do not reflect our editorial policy.",
]
REPORTED_CHINESE = [
    "本网站使用Cookie以提升您的浏览体验，继续浏览即表示您同意我们使用Cookie。",
    "点击阅读全文",
    "点击查看更多精彩内容>>",
    "分享到：微信 新浪微博 QQ空间",
    "分享到朋友圈",
    "版权所有 © 2020 玫瑰角新闻网",
    "Copyright © 2015-2022 玫瑰角网 版权所有 京ICP备12345678号",
    "未经授权，禁止转载或建立镜像",
    "登录后查看全部内容",
    "请先登录后再发表评论",
    "还没有账号？立即注册",
    "相关推荐",
    "相关阅读：世界十大灯塔",
    "猜你喜欢",
    "广告",
    "扫描二维码关注我们的微信公众号",
    "长按识别二维码，关注我们",
    "欢迎订阅我们的电子报，获取最新资讯。",
    "首页 > 新闻 > 国内新闻",
    "首页 | 国际 | 财经 | 体育 | 娱乐 | 科技",
    "关于我们 联系我们 广告服务 诚聘英才 网站地图",
    "上一篇：港口的历史 下一篇：渔村的变迁",
    "免责声明：本文仅代表作者个人观点，与本网无关。",
    "本文来源于网络，如有侵权请联系我们删除。",
    "下载客户端，随时随地看新闻",
    "打开APP阅读全文",
    "责任编辑：王小明",
    "返回顶部",
    "加载更多",
    "转载请注明出处",
    "您当前的位置：首页 > 旅游 > 景点",
    "點擊閱讀全文",
    "版權所有，未經許可不得轉載",
    "登入後查看更多留言",
    "声明：该文观点仅代表作者本人，本平台仅提供信息存储服务。",
    "我要评论 举报 收藏 点赞",
]
# What looks like boilerplate and is none: sentences of articles, answers, lists, rows of tables.
CLEAN_ENGLISH = [
    "Cookies were invented by Lou Montulli in 1994.",
    "A website that uses cookies must ask for consent under the directive.",
    "The phrase all rights reserved became obsolete after the Berne Convention.",
    "Copyright law protects original works.",
    "Facebook, Twitter and Instagram are social networks.",
    "Facebook",
    "News, Sports, Business",
    "He asked readers to subscribe to the newsletter.",
    "Home",
    "The advertisement was first shown in 1984.",
    "Share prices fell.",
    "Read more books than ever, he said.",
    "Paris | London | Berlin | Rome",
    "| Home | Away |",
    "See also Paris.",
    "Contact was released in 1997.",
    "She signed in to view the files in court.",
]
CLEAN_OTHERS = [
    "Lou Montulli erfand 1994 die Cookies.",
    "Wir backen Cookies aus Hafer.",
    "The report is confidential.",
    "The fund is intended for the repair of the tower.",
    "Nous mangeons des cookies avec du lait.",
    "The trademark of the tower is registered in Wales.",
    "The page was last seen in the castle.",
]
CLEAN_CHINESE = [
    "版权所有者有权禁止复制。",
    "广告是一种传播方式。",
    "该网站使用Cookie跟踪用户，2011年被起诉。",
    "登录月球是人类的一大步。",
    "分享经济是一种新模式。",
    "首页",
    "新闻发布会在北京举行。",
    "他负责编辑：鲁迅全集",
    "编辑部设在上海。",
    "点击率是广告的重要指标。",
    "免责声明是一种法律文件。",
    "下一篇文章讨论了光合作用。",
    "关于我们的祖先有很多传说。",
    "微博是一种社交媒体",
]


@pytest.mark.parametrize("piece", TUNED_ENGLISH + TUNED_CHINESE)
def test_every_tuned_piece_is_found(piece: str) -> None:
    assert boilerplate_kind(piece) is not None


@pytest.mark.parametrize(("pieces", "least"), [(REPORTED_ENGLISH, 35), (REPORTED_CHINESE, 34)], ids=["english", "chinese"])
def test_reported_recall(pieces: list[str], least: int) -> None:
    assert len(pieces) == 36
    assert sum(boilerplate_kind(piece) is not None for piece in pieces) >= least


@pytest.mark.parametrize(
    "around", ["{}", "The tower is tall. {}", "塔高330米。{}", "The tower is white\n{}\nIt is tall", "- {} -"]
)
def test_the_quick_look_misses_nothing(around: str) -> None:
    found = [p for p in TUNED_ENGLISH + TUNED_CHINESE + REPORTED_ENGLISH + REPORTED_CHINESE if boilerplate_kind(p)]
    assert [piece for piece in found if not may_have_boilerplate(around.format(piece))] == []
    assert may_have_boilerplate(around.format("We use\ncookies")) and not may_have_boilerplate(
        "The tower is tall. It is white.\n塔高330米。塔是白色的。"
    )


@pytest.mark.parametrize("sentence", CLEAN_ENGLISH + CLEAN_CHINESE + CLEAN_OTHERS)
def test_what_says_something_is_none(sentence: str) -> None:
    assert boilerplate_kind(sentence) is None


@pytest.mark.parametrize(
    ("piece", "kind"),
    [
        ("We use cookies.", "cookie notice"),
        ("Subscribe to our newsletter", "invitation to subscribe"),
        ("SHARE THIS", "share bar"),
        ("Read more: Storms", "link to more"),
        ("Article continues below", "advert"),
        ("© 2019 Rosa", "copyright footer"),
        ("Please log in or register", "login prompt"),
        ("Leave a reply", "comment form"),
        ("404 Not Found", "page message"),
        ("Disclaimer: no advice", "disclaimer"),
        ("Skip to content", "page furniture"),
        ("Home | Search | Log in", "menu"),
        ("點擊閱讀全文", "link to more"),
        ("ＣＯＰＹＲＩＧＨＴ　２０１９", "copyright footer"),
        ("首页＞新闻＞正文", "menu"),
        ("广告", "menu"),
    ],
)
def test_the_kind_is_named(piece: str, kind: str) -> None:
    assert boilerplate_kind(piece) == kind


def test_a_fact_in_the_same_sentence_keeps_it() -> None:
    assert boilerplate_kind("Click here to read more") == "link to more"
    assert boilerplate_kind("Click here to read more The tower of 1884 is 31.5 m tall") is None
    assert boilerplate_kind("© 2019-2021 Rosa") == "copyright footer"
    assert boilerplate_kind("© 2019 Rosa was founded in 1884") is None
    assert boilerplate_kind("版权所有 © 2019 灯塔高330米") is None
    assert boilerplate_kind("Read more " + "and more of the tower " * 20) is None


def test_a_row_of_a_table_is_no_menu() -> None:
    assert boilerplate_kind("| Home | Contact | Search |") is None
    assert boilerplate_kind("Home | Contact | Search") == "menu"
    assert boilerplate_kind("Home | 3 | 1") is None
    assert boilerplate_kind("Home | Away | Draw") is None


def test_a_term_of_the_question_keeps_a_line() -> None:
    lines = ["We use cookies to count visits.", "Log in", "版权所有 © 2020 玫瑰角网"]
    assert boilerplate_kinds(lines) == ["cookie notice", "menu", "copyright footer"]
    assert boilerplate_kinds(lines, query_words("What are cookies used for?")) == [None, "menu", "copyright footer"]
    assert boilerplate_kinds(lines, query_words("版权属于谁？")) == ["cookie notice", "menu", None]


def test_links_below_a_heading_go_with_it() -> None:
    lines = [
        "The light is white.",
        "You might also like",
        "Ten harbours",
        "The keepers of Rosa",
        "It was lit in 1884.",
        "Ten bells",
    ]
    assert boilerplate_kinds(lines) == [None, "link to more", "link to more", "link to more", None, None]
    assert boilerplate_kinds(["相关推荐", "灯塔的故事", "渔村的变迁", "灯塔建于1884年。"]) == [
        "menu",
        "link to more",
        "link to more",
        None,
    ]
    assert boilerplate_kinds(["Related articles", "Height 31 m", "Ten harbours"]) == ["menu", None, "link to more"]


@pytest.mark.parametrize(
    "text", ["", " \n", "***", "home " * 20_000, "| " * 20_000, "分享" * 20_000, "by using " * 30, "ﷺ" * 400]
)
def test_odd_text_is_none_and_takes_no_time(text: str) -> None:
    assert boilerplate_kind(text) is None


def test_marks_before_a_label_are_read_once() -> None:
    assert may_have_boilerplate("( - # log in") and may_have_boilerplate("The tower.\n--- (log in)")
    assert not may_have_boilerplate("- (the tower) - # [is]\n\n- old")


@pytest.mark.parametrize(
    ("lines", "cut"),
    [
        (["* [Home](/)", "* [About us](/about)", "* [Products](/products)", "* [Contact](/contact)", "Cape Rosa"], 4),
        (["[Home](/) [Blog](/blog) [Docs](/docs) [Pricing](/pricing) [Sign in](/login)", "Cape Rosa"], 1),
        (["Home", "News", "Sport", "Weather", "Shop", "Cape Rosa", "It was built in 1884."], 5),
        (["首页", "新闻", "体育", "登录", "玫瑰角灯塔"], 4),
        (["News", "Sport", "Weather"], 0),
        (["The toolbar has these buttons:", "- Home", "- Search", "- Share", "- Print"], 0),
        (["Search", "Share", "Print"], 0),
        (["Home", "Away", "Draw"], 0),
        (["- [Cape Rosa](/rosa)", "- [Arden](/arden)", "- [Lindmoor](/lindmoor)", "- [About](/about)"], 0),
        (["| Home |", "| Contact |", "| Blog |"], 0),
    ],
)
def test_menus_with_an_item_on_each_line(lines: list[str], cut: int) -> None:
    assert boilerplate_kinds(lines) == ["menu"] * cut + [None] * (len(lines) - cut)
