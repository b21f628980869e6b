"""Words of sources that settle conditions asked under every profile."""

from models.legality.profile import Quote

TAX = Quote(
    text="市民税情報については地方税法第22条（秘密漏えいに関する罪）の壁が厚いと考え、活用を避けた",
    source="箕面市個人情報保護条例の運用の紹介",
)
STANDING = Quote(
    text="法第69条第2項は、当該利用又は提供が臨時的に行われる場合に関する規定であり、当該利用又は提供が恒常的に行われる場合には、"
    "法第61条第1項の規定に基づきあらかじめ利用目的として特定するか、又は法第61条第3項の規定に基づき、利用目的の変更を行う必要があります",
    source="個人情報保護委員会 個人情報保護法についてのQ&A（行政機関等編） 3-3-2",
)
ONE_PERSON = Quote(text="一人ひとりの個人に着目した分析・処分等はできない", source="データ活用の法的整理の解説（統計）")
STILL_PERSONAL = Quote(
    text="世間的イメージの匿名化は「抽象化情報」の段階で、個人情報のまま", source="データ活用の法的整理の解説（統計）"
)
