package changes

import "strings"

// Original returns the table that a table is a tool's copy of, or has been, by its
// name: "sale" for _sale_new and _sale_old (pt-online-schema-change, which puts
// more underscores in front if the name is taken), _sale_gho, _sale_ghc and
// _sale_del (gh-ost, with the time between them if told to), __osc_new_sale and
// __osc_old_sale (Facebook's). It is empty for any other name.
func Original(table string) string {
	if name, ok := strings.CutPrefix(table, "__osc_"); ok {
		for _, role := range []string{"new_", "old_", "chg_"} {
			if rest, ok := strings.CutPrefix(name, role); ok {
				return rest
			}
		}
		return ""
	}
	name := strings.TrimLeft(table, "_")
	if name == table {
		return ""
	}
	for _, role := range []string{"_new", "_old", "_gho", "_ghc"} {
		if rest, ok := strings.CutSuffix(name, role); ok {
			return rest
		}
	}
	rest, ok := strings.CutSuffix(name, "_del")
	if i := len(rest) - len("_20261127103211"); ok && i > 0 && rest[i] == '_' && strings.Trim(rest[i+1:], "0123456789") == "" {
		return rest[:i]
	}
	if ok {
		return rest
	}
	return ""
}
