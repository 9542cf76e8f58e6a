package schema

import (
	"slices"
	"unicode/utf8"
)

// Limits of labels (manual, "Limits on Table Column Count and Row Size").
const (
	maxEnumLabels = 65535
	maxSetLabels  = 64
)

// textLike says whether values of t are text to whoever writes them.
func textLike(t Type) bool {
	switch t.Kind() {
	case TextKind, EnumKind, SetKind, JSONKind, AddressKind:
		return true
	}
	return false
}

func unionText(a, b Type) Type {
	var u Type
	switch {
	case a.Base == Enum && b.Base == Enum || a.Base == Set && b.Base == Set:
		u = unionLabels(a, b)
	case a.Base == Char && b.Base == Char:
		u = Type{Base: Char, Length: max(a.Length, b.Length)}
	default:
		u = longerText(asText(a), asText(b))
	}
	// Labels that only a binary collation holds apart have asked for it.
	u.Charset, u.Collation = unionCharset(a, b), orElse(u.Collation, unionCollation(a, b))
	if u.Base == VarChar && u.Length > maxVarChar && u.Charset == textCharset {
		return textFor(u.Length * maxCharBytes)
	}
	return u
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// unionCharset is utf8mb4 unless both agree on something else.
func unionCharset(a, b Type) string {
	switch {
	case a.Charset == b.Charset:
		return a.Charset
	case a.Charset == "" && a.textual():
		return b.Charset
	case b.Charset == "" && b.textual():
		return a.Charset
	}
	return textCharset
}

func unionCollation(a, b Type) string {
	charset := unionCharset(a, b)
	for _, t := range [...]Type{a, b} {
		if t.Collation != "" && t.Charset == charset {
			return t.Collation
		}
	}
	return ""
}

// unionLabels keeps the order of a and appends what only b has. What exceeds
// the limits becomes text.
func unionLabels(a, b Type) Type {
	labels := slices.Clone(a.Labels)
	for _, label := range b.Labels {
		if !slices.Contains(labels, label) {
			labels = append(labels, label)
		}
	}
	u := Type{Base: a.Base, Labels: labels}
	if a.Base == Set && len(labels) > maxSetLabels || len(labels) > maxEnumLabels {
		return asText(u)
	}
	return u.distinct()
}

// asText is the text type that holds t's values.
func asText(t Type) Type {
	switch t.Base {
	case Enum:
		longest := 0
		for _, label := range t.Labels {
			longest = max(longest, utf8.RuneCountInString(label))
		}
		return Type{Base: VarChar, Length: longest}
	case Set:
		all := max(len(t.Labels)-1, 0)
		for _, label := range t.Labels {
			all += utf8.RuneCountInString(label)
		}
		return Type{Base: VarChar, Length: all}
	case JSON:
		return Type{Base: LongText}
	case UUID:
		return Type{Base: Char, Length: 36}
	case Inet4:
		return Type{Base: VarChar, Length: 15}
	case Inet6:
		return Type{Base: VarChar, Length: 39}
	}
	return t
}

// longerText climbs the ladder CHAR, VARCHAR, TEXT.
func longerText(a, b Type) Type {
	switch {
	case a.Base == Char && b.Base == Char:
		return Type{Base: Char, Length: max(a.Length, b.Length)}
	case a.Size() == 0 && b.Size() == 0:
		return Type{Base: VarChar, Length: max(a.Length, b.Length)}
	}
	return textFor(max(a.Length*maxCharBytes, b.Length*maxCharBytes, a.Size(), b.Size()))
}
