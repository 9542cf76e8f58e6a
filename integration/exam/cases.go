package exam

import (
	"slices"
)

// Cases lists all cases in the order of the result.
func Cases() []Case {
	return slices.Concat(numberCases(), timeCases(), textCases(), byteCases(), labelCases(), geometryCases(),
		columnCases(), keyCases(), nameCases(), edgeCases(), changeCases(), laterCases(), lateCases(), storeCases(), disagreeCases(), oddCases(), alteredCases())
}
