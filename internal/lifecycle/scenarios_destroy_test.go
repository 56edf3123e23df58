// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package lifecycle_test

import (
	"fmt"
	"strings"
)

const makeFirst = "  lifecycle {\n    create_before_destroy = true\n  }\n"

// slow is something that depends on a resource and takes a moment to go. It goes once
// gone takes its place: Terraform runs a provisioner of destruction only where its
// block stays.
func slow(on string) string { return slowly("  count = 1\n  depends_on = [" + on + "]\n") }

var gone = slowly("  count = 0\n")

func slowly(body string) string {
	return "resource \"terraform_data\" \"slow\" {\n" + body + "  provisioner \"local-exec\" {\n    when = destroy\n    command = \"sleep 2\"\n  }\n}\n"
}

func renamedBinding(w *world) {
	former := binding("former", "base", "dev")
	w.configure(connection("base"), former, slow("dataconn_omni_environment_user_attribute.former"))
	w.apply()
	w.configure(connection("base"), binding("later", "base", "dev"), gone)
	w.apply()
	w.says("moved")
	w.settle()
	w.destroy()
}

func renamedEnvironment(w *world) {
	connections := connection("base") + connection("prod")
	w.configure(connections, environment("former", "base", "prod", "prod"), slow("dataconn_omni_connection_environment.former"))
	w.apply()
	w.configure(connections, environment("later", "base", "prod", "prod"), gone)
	if w.do("apply") != 0 && strings.Contains(w.last, "terraform import") {
		w.fail("it advises to import what this run deletes")
	}
	w.says("moved")
	w.apply()
	w.settle()
	w.destroy()
}

// protectedIDs are the ids of all connections of the state, with those deposed.
func (w *world) protectedIDs() string {
	var ids []string
	for _, i := range w.instances() {
		if i.Type == "dataconn_omni_connection" {
			ids = append(ids, i.importID())
		}
	}
	return strings.Join(ids, ",")
}

func protectedCreatedFirst(w *world) {
	w.configure(connectionWith("base", makeFirst, attributes{"deletion_protection": true}))
	w.apply()
	former := w.protectedIDs()
	w.refuses([]string{"apply", "-replace=dataconn_omni_connection.base"}, "allow_deletion_of", former)
	w.configure(connectionWith("base", makeFirst))
	w.Setenv("OMNI_ALLOW_DELETION_OF", former)
	w.apply()
	w.settle()
	w.Setenv("OMNI_ALLOW_DELETION_OF", "")
	w.destroy()
}

func protectedTriggered(w *world) {
	configure := func(trigger int, protection bool) {
		w.configure(fmt.Sprintf("resource \"terraform_data\" \"trigger\" {\n  input = %d\n}\n", trigger),
			connectionWith("base", lifecycle("replace_triggered_by = [terraform_data.trigger]"), attributes{"deletion_protection": protection}))
	}
	configure(1, true)
	w.apply()
	former := w.protectedIDs()
	configure(2, true)
	w.refuses([]string{"apply"}, "allow_deletion_of", former, "replace_triggered_by")
	configure(2, false)
	w.Setenv("OMNI_ALLOW_DELETION_OF", former)
	w.apply()
	w.settle()
	w.destroy()
}

func environmentCreatedFirst(w *world) {
	connections := connection("base") + connection("prod") + connection("staging")
	w.configure(connections, with(environment("live", "base", "prod", "live"), makeFirst))
	w.apply()
	w.configure(connections, with(environment("live", "base", "staging", "live"), makeFirst))
	if w.do("apply") != 0 {
		w.says("create_before_destroy")
		w.configure(connections, environment("live", "base", "staging", "live"))
		w.apply()
	}
	w.settle()
	w.destroy()
}

func replacedBase(w *world) {
	estate := func(dialect string) string {
		changed := attributes{"dialect": dialect}
		return connection("base", changed) + connection("prod", changed) + environment("prod", "base", "prod", "prod") + binding("base", "base", "dev")
	}
	w.configure(estate("postgres"))
	w.apply()
	w.configure(estate("redshift"))
	w.apply()
	w.settle()
	w.apply("-replace=dataconn_omni_connection.base")
	w.settle()
	w.destroy()
}

func everythingGoes(w *world) {
	w.configure(connection("base"), connection("prod"), environment("prod", "base", "prod", "prod"), binding("base", "base", "dev"))
	w.apply()
	w.configure()
	w.apply()
	w.compare()
	if left := w.omni.Connections(); len(left) > 0 {
		w.fail("left: %v", left)
	}
}

func danglingReference(w *world) {
	w.configure(connection("base"), connection("prod"), environment("prod", "base", "prod", "prod"))
	w.apply()
	base := w.instance("dataconn_omni_connection", "base").importID()
	w.configure(connection("prod"), strings.ReplaceAll(environment("prod", "base", "prod", "prod"), string(id("base")), fmt.Sprintf("%q", base)))
	if w.do("apply") == 0 { // the environment ended with its base
		w.do("apply")
	}
	w.configure(connection("prod"))
	w.apply()
	w.settle()
	w.destroy()
}

func deletedByOthers(w *world) {
	w.configure(connection("base"), connection("prod"), environment("prod", "base", "prod", "prod"))
	w.apply()
	for _, e := range w.omni.Environments() {
		w.omni.RemoveEnvironment(e.ID)
	}
	w.configure(connection("base"), connection("prod"))
	w.apply("-refresh=false")
	w.settle()
	for _, c := range w.omni.Connections() {
		w.omni.TrashConnection(c.ID)
	}
	w.destroy("-refresh=false")
}

func valueFromDestroyed(w *world) {
	connections := connection("base") + connection("prod") + connection("staging")
	w.configure(connections, environment("prod", "base", "prod", "live"))
	w.apply()
	w.configure(connections, environment("staging", "base", "staging", "live"))
	w.apply()
	w.settle()
	w.destroy()
}
