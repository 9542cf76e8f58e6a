package pos

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// What is drawn from. The texts hold what breaks careless quoting: quotes,
// backslashes, letters outside ASCII and outside the basic plane.

var (
	firstNames = []string{"Ada", "Zoë", "Jürgen", "Siobhán", "Nguyễn", "Łukasz", "José", "王", "Олена", "محمد"}
	lastNames  = []string{"O'Brien", "Müller", "D\"Arcy", "Smith-Jones", "Þórsdóttir", "伟", "Back\\slash", "García", "Nowak", "Yılmaz"}
	cashiers   = []string{"Ann", "Béla", "C. O'Hara", "Dörte", "Édith", "Nº 7"}
	goods      = []string{"Brot", "Olives & feta", "6\" bolt", "Crème fraîche", "50% off bin", "Café 250g", "Spülmittel", "Drache 🐉", "C:\\Toys", "Rock'n'Roll CD"}
	remarks    = []string{"", "customer's own bag", "two\nlines", "tab\there", "emoji 🧾🙂", "semi;colon -- /* no comment */", "back\\slash \\' quote", "naïve 100 %"}
	categories = []string{"food", "drinks", "household", "garden", "toys", "other"}
	segments   = []string{"loyal", "staff", "business", "student"}
)

func (t *till) pick(from []string) string { return from[t.dice.IntN(len(from))] }

// remark is a note, NULL for most.
func (t *till) remark() any {
	if t.dice.IntN(3) > 0 {
		return nil
	}
	return t.pick(remarks)
}

// quantity is a number of pieces, or a weight in kilograms.
func (t *till) quantity() float64 {
	if t.dice.IntN(4) == 0 {
		return float64(1+t.dice.IntN(4999)) / 1000
	}
	return float64(1 + t.dice.IntN(4))
}

// price is an amount in cents, most of them small.
func (t *till) price() int64 {
	if t.dice.IntN(50) == 0 {
		return t.dice.Int64N(9_999_999)
	}
	return 9 + t.dice.Int64N(5000)
}

func (t *till) email() any {
	if t.dice.IntN(4) == 0 {
		return nil
	}
	return fmt.Sprintf("%x@example.org", t.dice.Uint64())
}

func (t *till) birthday() any {
	if t.dice.IntN(3) == 0 {
		return nil
	}
	return fmt.Sprintf("%04d-%02d-%02d", 1925+t.dice.IntN(90), 1+t.dice.IntN(12), 1+t.dice.IntN(28))
}

func (t *till) hour() any {
	if t.dice.IntN(2) == 0 {
		return nil
	}
	return fmt.Sprintf("%02d:%02d:00", 7+t.dice.IntN(14), 15*t.dice.IntN(4))
}

func (t *till) segments() string {
	var chosen []string
	for _, segment := range segments {
		if t.dice.IntN(3) == 0 {
			chosen = append(chosen, segment)
		}
	}
	return strings.Join(chosen, ",")
}

func (t *till) preferences() any {
	if t.dice.IntN(3) == 0 {
		return nil
	}
	text, _ := json.Marshal(map[string]any{ // strings, numbers and nil always marshal
		"language": t.pick([]string{"de", "en", "fr", "日本語"}),
		"bag":      t.dice.IntN(2) == 0,
		"aisles":   []int{t.dice.IntN(20), t.dice.IntN(20)},
		"note":     t.remark(),
	})
	return string(text)
}

func (t *till) attributes() any {
	if t.dice.IntN(4) == 0 {
		return nil
	}
	text, _ := json.Marshal(map[string]any{ // numbers and strings always marshal
		"grams":  t.dice.IntN(5000),
		"ratio":  t.dice.Float64(),
		"serial": t.dice.Int64(),
		"labels": []string{t.pick(goods), t.pick(remarks)},
	})
	return string(text)
}

// money is cents as a DECIMAL's text.
func money(cents int64) string {
	sign := ""
	if cents < 0 {
		sign, cents = "-", -cents
	}
	return fmt.Sprintf("%s%d.%02d", sign, cents/100, cents%100)
}

func decimal3(x float64) string { return strconv.FormatFloat(x, 'f', 3, 64) }
