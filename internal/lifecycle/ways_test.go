// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package lifecycle_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
)

// way is something that Terraform does with resources.
type way struct {
	name  string
	units func() []*unit // what it is tried on
	do    func(w *world)
	// alike says that another way is the same to the provider: this one is left out
	// by default.
	alike bool
}

// ways are all of them. A new one is a row here.
func ways() []way {
	return []way{
		{name: "apply, refresh", units: units, do: applyAndRefresh},
		{name: "parallelism 1", units: units, do: oneByOne},
		{name: "no refresh", units: units, do: withoutRefresh, alike: true},
		{name: "saved plan", units: units, do: savedPlan},
		{name: "target", units: units, do: target, alike: true},
		{name: "replace", units: units, do: replace("")},
		{name: "replace, create before destroy", units: units, do: replace("create_before_destroy = true")},
		{name: "taint", units: units, do: taint(""), alike: true},
		{name: "taint, create before destroy", units: units, do: taint("create_before_destroy = true"), alike: true},
		{name: "change that replaces", units: movable, do: elsewhere("")},
		{name: "change that replaces, create before destroy", units: movable, do: elsewhere("create_before_destroy = true")},
		{name: "replace_triggered_by", units: units, do: triggered(""), alike: true},
		{name: "replace_triggered_by, create before destroy", units: units, do: triggered("create_before_destroy = true"), alike: true},
		{name: "ignore_changes all", units: units, do: ignoreAll},
		{name: "moved", units: units, do: moved, alike: true},
		{name: "renamed, created first", units: units, do: renamed(gateThatCreatesFirst)},
		{name: "renamed, destroyed first", units: units, do: renamed(gateThatDestroysFirst)},
		{name: "count becomes for_each", units: units, do: countBecomesForEach},
		{name: "removed, kept", units: units, do: forgotten},
		{name: "removed, destroyed", units: units, do: removed, alike: true},
		{name: "a part is destroyed", units: units, do: destroyPart},
		{name: "prevent_destroy", units: units, do: preventDestroy, alike: true},
		{name: "generated configuration", units: samples, do: generated},
		{name: "import, then change", units: samples, do: importThenChange},
		{name: "mock_provider", units: units, do: mockProvider},
		{name: "unknown", units: samples, do: unknown},
		{name: "null element", units: collections, do: nullElement},
		{name: "null element known at apply", units: collections, do: nullElementLater},
		{name: "other case of ids", units: referring, do: otherCase},
		{name: "secret rotated", units: rotating, do: rotateSecret},
		{name: "secret ignored", units: ignoring, do: ignoreSecret},
		{name: "secret differs from saved plan", units: writeOnly, do: savedSecret},
	}
}

func rotating() []*unit { return secretUnits(plain, versioned, versionless) }

func writeOnly() []*unit { return secretUnits(versioned, versionless) }

// movable are the subjects of which a change replaces.
func movable() []*unit {
	var all []*unit
	for _, u := range units() {
		if u.elsewhere != nil {
			all = append(all, u)
		}
	}
	return all
}

// begin applies the units as they are, with a nested block.
func (w *world) begin(nested string) {
	w.write(func(u *unit) string { return u.block(nested) })
	w.run("apply")
	w.settle()
}

// changed writes the units with their changes.
func (w *world) changed(nested string) {
	w.write(func(u *unit) string { return u.block(nested, u.change) })
}

// each makes an option of each address.
func (w *world) each(option string) []string {
	var options []string
	for _, u := range w.units {
		options = append(options, option+u.address())
	}
	return options
}

// ids are what the units are imported by.
func (w *world) ids() map[*unit]string {
	all := map[*unit]string{}
	for _, u := range w.units {
		all[u] = w.instance(u.typeName, u.label).importID()
	}
	return all
}

// replaced fails the cell unless each unit is another object now, or the output says
// that it was kept, as what the server takes once only has to be.
func (w *world) replaced(before map[*unit]string) {
	for u, id := range w.ids() {
		hasID := strings.HasSuffix(strings.Join(identityOf(u.typeName), " "), "id") && identityOf(u.typeName)[len(identityOf(u.typeName))-1] == "id"
		if hasID && id == before[u] && !u.stays && !(u.unique && strings.Contains(w.last, "so it was kept")) {
			w.fail("%s was not replaced", u.address())
		}
	}
}

func applyAndRefresh(w *world) {
	w.write(func(u *unit) string { return u.block("") })
	w.run("apply")
	w.unchanged()
	w.settle()
	w.changed("")
	w.run("apply")
	w.says(fmt.Sprintf("%d changed, 0 destroyed", len(w.units)))
	w.unchanged()
	w.settle()
	w.destroy()
}

// unchanged checks that a refresh finds nothing new, and that a plan is empty. The
// exit code of -refresh-only -detailed-exitcode tells nothing where a resource has
// several sensitive attributes: Terraform then compares them in random order.
func (w *world) unchanged() {
	w.run("plan", "-refresh-only")
	w.says("No changes.")
	w.run("plan", "-detailed-exitcode")
}

func oneByOne(w *world) {
	w.write(func(u *unit) string { return u.block("") })
	w.run("apply", "-parallelism=1")
	w.settle("-parallelism=1")
	w.changed("")
	w.run("apply", "-parallelism=1")
	w.settle("-parallelism=1")
	w.destroy("-parallelism=1")
}

func withoutRefresh(w *world) {
	w.begin("")
	w.settle("-refresh=false")
	w.changed("")
	w.run("apply", "-refresh=false")
	w.settle()
	w.destroy("-refresh=false")
}

func savedPlan(w *world) {
	w.write(func(u *unit) string { return u.block("") })
	w.run("plan", "-out=create.tfplan")
	w.run("apply", "create.tfplan")
	w.settle()
	w.changed("")
	w.run("plan", "-out=update.tfplan")
	w.run("apply", "update.tfplan")
	w.settle()
	w.run("plan", "-destroy", "-out=destroy.tfplan")
	w.run("apply", "destroy.tfplan")
	w.compare()
}

func target(w *world) {
	w.write(func(u *unit) string { return u.block("") })
	w.run(append([]string{"apply"}, w.each("-target=")...)...)
	w.run("apply") // what the bodies do not refer to
	w.settle()
	w.changed("")
	w.run(append([]string{"apply"}, w.each("-target=")...)...)
	w.settle()
	w.run(append([]string{"destroy"}, w.each("-target=")...)...)
	w.compare()
	w.run("apply")
	w.settle()
	w.destroy()
}

// lifecycleOf is a lifecycle block, none without lines.
func lifecycleOf(lines ...string) string {
	all := strings.Trim(strings.Join(lines, "\n    "), "\n ")
	if all == "" {
		return ""
	}
	return lifecycle(all)
}

func replace(lines string) func(w *world) {
	return func(w *world) {
		w.begin(lifecycleOf(lines))
		before := w.ids()
		w.run(append([]string{"apply"}, w.each("-replace=")...)...)
		w.replaced(before)
		w.settle()
		w.destroy()
	}
}

func taint(lines string) func(w *world) {
	return func(w *world) {
		w.begin(lifecycleOf(lines))
		before := w.ids()
		for _, u := range w.units {
			w.run("taint", u.address())
		}
		w.run("apply")
		w.replaced(before)
		w.settle()
		for _, u := range w.units {
			w.run("taint", u.address())
			w.run("untaint", u.address())
		}
		w.settle()
		w.destroy()
	}
}

func elsewhere(lines string) func(w *world) {
	return func(w *world) {
		w.begin(lifecycleOf(lines))
		before := w.ids()
		w.write(func(u *unit) string { return u.block(lifecycleOf(lines), u.elsewhere) })
		w.run("apply")
		w.replaced(before)
		w.settle()
		w.begin(lifecycleOf(lines)) // and back
		w.destroy()
	}
}

func triggered(lines string) func(w *world) {
	trigger := func(input string) func(u *unit) string {
		return func(u *unit) string {
			return fmt.Sprintf("resource \"terraform_data\" \"LABEL_trigger\" {\n  input = %q\n}\n", input) +
				u.block(lifecycleOf("replace_triggered_by = [terraform_data.LABEL_trigger]", lines))
		}
	}
	return func(w *world) {
		w.write(trigger("1"))
		w.run("apply")
		w.settle()
		before := w.ids()
		w.write(trigger("2"))
		w.run("apply")
		w.replaced(before)
		w.settle()
		w.destroy()
	}
}

func ignoreAll(w *world) {
	w.begin(lifecycle("ignore_changes = all"))
	w.forget()
	w.changed(lifecycle("ignore_changes = all"))
	w.run("plan", "-detailed-exitcode")
	w.settle()
	w.changed("")
	w.run("apply")
	w.settle()
	w.destroy()
}

func moved(w *world) {
	w.begin("")
	w.write(func(u *unit) string {
		return u.blockAs("LABEL_new", "") + fmt.Sprintf("moved {\n  from = %[1]s.LABEL\n  to = %[1]s.LABEL_new\n}\n", u.typeName)
	})
	w.run("apply")
	w.says(summary(0, 0, 0))
	w.settle()
	w.destroy()
}

// gateThatDestroysFirst lets Terraform destroy the former address before it makes
// the new one: the gate depended on the former and is changed, for which the
// former has to be gone, and the new one waits for the gate.
func gateThatDestroysFirst(u *unit, renamed bool) string {
	if !renamed {
		return u.block("") + "resource \"terraform_data\" \"LABEL_gate\" {\n  input = \"1\"\n  depends_on = [" + u.typeName + ".LABEL]\n}\n"
	}
	return u.blockAs("LABEL_new", "  depends_on = [terraform_data.LABEL_gate]\n") + "resource \"terraform_data\" \"LABEL_gate\" {\n  input = \"2\"\n}\n"
}

// gateThatCreatesFirst is the other order: the gate is replaced, its new object
// waits for the new address and its former object, which is destroyed after
// that, holds the former address.
func gateThatCreatesFirst(u *unit, renamed bool) string {
	if !renamed {
		return u.block("") + u.typed(gateCreatedFirst("LABEL", "1"))
	}
	return u.blockAs("LABEL_new", "") + u.typed(gateCreatedFirst("LABEL_new", "2"))
}

// gateCreatedFirst depends on the resource of this name and the unit's TYPE.
func gateCreatedFirst(name, trigger string) string {
	return fmt.Sprintf("resource \"terraform_data\" \"LABEL_gate\" {\n  triggers_replace = %q\n  depends_on = [TYPE.%s]\n  lifecycle {\n    create_before_destroy = true\n  }\n}\n", trigger, name)
}

// typed puts the unit's type in its place.
func (u *unit) typed(text string) string { return strings.ReplaceAll(text, "TYPE", u.typeName) }

// namesMoved: where one object was at two addresses, a warning names moved, and
// its type or itself.
func (w *world) namesMoved() {
	for _, u := range w.units {
		names := []string{"with " + u.typeName + ".", u.label}
		for _, i := range w.instances() {
			if i.Type == u.typeName {
				names = append(names, strings.Split(i.importID(), "/")...)
			}
		}
		says := func(warning string) bool {
			return strings.Contains(warning, "moved block") && slices.ContainsFunc(names, func(name string) bool { return strings.Contains(warning, name) })
		}
		if u.unique && !slices.ContainsFunc(strings.Split(w.last, "Warning: "), says) {
			w.fail("no warning on %s names moved", u.address())
		}
	}
}

// renamed: the address changes without a moved block, so that one real object is
// at two addresses in one run. It is there in the end, and a warning names moved.
func renamed(gate func(u *unit, renamed bool) string) func(w *world) {
	return func(w *world) {
		w.write(func(u *unit) string { return gate(u, false) })
		w.run("apply")
		w.settle()
		w.write(func(u *unit) string { return gate(u, true) })
		w.run("apply")
		w.namesMoved()
		w.settle()
		w.destroy()
	}
}

// countBecomesForEach is renamed for instances of one resource.
func countBecomesForEach(w *world) {
	gate := func(trigger string) string { return gateCreatedFirst("LABEL", trigger) }
	w.write(func(u *unit) string { return u.block("  count = 1\n") + u.typed(gate("1")) })
	w.run("apply")
	w.settle()
	w.write(func(u *unit) string { return u.block("  for_each = toset([\"a\"])\n") + u.typed(gate("2")) })
	w.run("apply")
	w.namesMoved()
	w.settle()
	w.destroy()
}

func forgotten(w *world) {
	w.begin("")
	ids := w.ids()
	w.write(func(u *unit) string {
		return fmt.Sprintf("removed {\n  from = %s\n  lifecycle {\n    destroy = false\n  }\n}\n", u.address())
	})
	w.forget()
	w.run("apply")
	w.says("Resources: 0 added, 0 changed, 0 destroyed")
	w.write(func(u *unit) string {
		return u.block("") + fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", u.address(), ids[u])
	})
	w.run("apply")
	w.says("0 added")
	w.says("0 destroyed")
	w.settle()
	w.destroy()
}

func removed(w *world) {
	w.begin("")
	w.write(func(u *unit) string {
		return fmt.Sprintf("removed {\n  from = %s\n  lifecycle {\n    destroy = true\n  }\n}\n", u.address())
	})
	w.run("apply")
	w.says(summary(0, 0, len(w.units)))
	w.settle()
	w.destroy()
}

func destroyPart(w *world) {
	w.begin("")
	w.write(func(*unit) string { return "" })
	w.run("apply")
	w.says(summary(0, 0, len(w.units)))
	w.settle()
	w.begin("")
	w.destroy()
}

func preventDestroy(w *world) {
	w.begin(lifecycle("prevent_destroy = true"))
	w.changed(lifecycle("prevent_destroy = true"))
	w.run("apply")
	w.settle()
	if w.do("destroy") == 0 {
		w.fail("prevent_destroy does not prevent it")
	}
	w.changed("")
	w.destroy()
}

// imports are import blocks of the units.
func (w *world) imports(ids map[*unit]string) string {
	all := ""
	for _, u := range w.units {
		all += fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", u.address(), ids[u])
	}
	return all
}

// generated: what Terraform generates for an import plans to nothing.
func generated(w *world) {
	w.write(func(u *unit) string { return u.block("", u.set(u.value.value)) })
	w.run("apply")
	w.settle()
	ids := w.ids()
	w.folder = "elsewhere" // with a state of its own
	w.file("main.tf", cli.RequiredProvider("")+w.imports(ids))
	w.run("plan", "-generate-config-out=generated.tf")
	w.says(fmt.Sprintf("Plan: %d to import, 0 to add, 0 to change, 0 to destroy.", len(w.units)))
	w.run("apply")
	w.says("imported, 0 added, 0 changed, 0 destroyed.")
	w.run("plan", "-detailed-exitcode")
	w.folder = ""
	w.settle()
	w.destroy()
}

// mockProvider: a test of a module needs no server.
func mockProvider(w *world) {
	w.write(func(u *unit) string { return u.block("") })
	w.file("tests/all.tftest.hcl", "mock_provider \"dataconn\" {}\n\nrun \"apply\" {\n  command = apply\n}\n\nrun \"again\" {\n  command = plan\n}\n")
	w.run("test")
	w.says("Success! 2 passed, 0 failed.")
	for _, r := range append(w.omni.Requests(), w.reporter.Requests()...) {
		w.fail("a request was sent: %s %s", r.Method, r.Path)
	}
}
