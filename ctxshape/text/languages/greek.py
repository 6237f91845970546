"""Greek."""

from __future__ import annotations

from ctxshape.text.language import Language, word_set

LANGUAGE = Language(
    code="el",
    script="Ͱ-Ͽἀ-῿",
    common_words=word_set("ο η το οι τα του της των και να είναι με για στο στη σε από που δεν θα"),
    abbreviations=word_set(
        "κ κκ κος κα κυρ δρ καθ σελ π.χ δηλ βλ πρβλ αγ αρ λ.χ μ.α.χ οδ αντ ηλ λεωφ αρχ αρχιτ μηχ δικ συντ υπ τ.κ "
        "α.ε αφοί στρ πλ"
    ),
    closing_abbreviations=word_set("κ.λπ κλπ κ.ά κ.α κ.τ.λ κτλ κ.ο.κ π.μ μ.μ μ.χ χλμ χιλ εκ εκατ δισ τ.μ μ.τ.λ ε.ε ευρ"),
    number_abbreviations=word_set("σ σσ σελ αρ αριθ άρθ παρ εδ εικ σχ πίν τόμ κεφ τηλ περ"),
    # "π.Χ." is "before Christ", "π.χ." is "for example"; both go on.
    joints=((r"\b[πμ]\. ?Χ\.", "[α-ωά-ώ(]"),),
)
