// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// MovedAdvice says what to do where a create finds what the same run destroys at
// another address. Importing would be wrong there.
const MovedAdvice = "If this run also destroys it at another address of the configuration, because a resource was renamed, a module was added, or count became for_each, say so with a moved block; then nothing is created and nothing is destroyed:\n\n  moved {\n    from = <former address>\n    to   = <new address>\n  }"

// OnPurposeAdvice ends what is said of an object that one run destroyed and made
// again.
const OnPurposeAdvice = "If it was tainted, or is replaced on purpose, there is nothing to do."

// RemadeAdvice says what to do about such an object.
const RemadeAdvice = "If only its address changed, a moved block keeps it. " + OnPurposeAdvice

// NameTakenAdvice says what to do where a new name for an object that exists is taken.
const NameTakenAdvice = "If this run also renames or deletes what has the name, apply again: with -parallelism=1, one operation waits for the other. Two objects cannot exchange their names in one apply: give one of them a third name first. Otherwise choose another name."

// ExistingAdvice says how an object may have come to be there already, exactly as
// configured.
const ExistingAdvice = "If this configuration had it at another address, a moved block shows that in the plan; if this is its replacement, create_before_destroy kept it; if somebody else created it, it is shared with them."

// KeptByDelete says that a delete left an object alone, because a create of the
// same run took it over: at another address, or as its own replacement.
func KeptByDelete(object string) diag.Diagnostic {
	return diag.NewWarningDiagnostic("One object had two addresses in this run",
		UpperFirst(object)+" was to be destroyed, but was created at another address or before it was destroyed, so it was kept. If its address changed, a moved block shows that in the plan.")
}

// WasFound says that a create took over what it found after its answer was lost;
// consequence is what was done with it.
func WasFound(object, consequence string) diag.Diagnostic {
	return diag.NewWarningDiagnostic("An object was found after its create got no answer",
		fmt.Sprintf("The answer to the create of %s was lost, so the provider looked for it. This one was not there before, and has every setting that was sent.%s If another run or person created it at the same moment, remove it from this state (terraform state rm) and apply again.", object, consequence))
}

// MadeAgain says that a run destroyed an object and made it again, which a moved
// block could have saved.
func MadeAgain(object string) diag.Diagnostic {
	return diag.NewWarningDiagnostic("An object was destroyed and created again in this run",
		UpperFirst(object)+" was destroyed and created again. "+RemadeAdvice)
}
