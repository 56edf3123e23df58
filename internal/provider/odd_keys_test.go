// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
)

// oddCells are all operations on a subject, with each oddity of each answer.
func oddCells(t *testing.T, kind string, subject subject) []oddCell {
	t.Helper()
	var cells []oddCell
	for _, operation := range subject.operations() {
		if operation == createLost {
			continue
		}
		x := trial{kind: kind, subject: subject, operation: operation}
		x.prepare(t)
		var mu sync.Mutex
		var bodies [][]byte
		x.scene.Faults().Add(fault.Fault{Rewrite: func(body []byte) []byte {
			mu.Lock()
			defer mu.Unlock()
			bodies = append(bodies, bytes.Clone(body))
			return body
		}}.Repeat(fault.Forever))
		x.do(t).RequireOK(t)
		calls := callsOf(x.scene.Host)
		if len(calls) != len(bodies) {
			t.Fatalf("%s, %s: %d calls and %d answers", kind, operation, len(calls), len(bodies))
		}
		for i, call := range calls {
			for _, o := range fault.Oddities(bodies[i]) {
				cells = append(cells, oddCell{cell{trial: x, call: call, turn: stays}, o})
			}
		}
	}
	return cells
}

type oddCell struct {
	cell
	odd fault.Oddity
}

func (c oddCell) String() string {
	return strings.NewReplacer(" ", "_", "/", ".").Replace(fmt.Sprintf("%s; %s; %s; %s", c.kind, c.operation, c.call, c.odd))
}

// isChosen reports the cells that make test has time for: half of what is said of a
// write, and a part of what is read. make faults runs all.
func (c oddCell) isChosen() bool {
	share := uint32(32)
	switch {
	case c.call.writes():
		share = 2
	case c.operation == read:
		share = 8
	}
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(c.String()))
	return sum.Sum32()%share == 0
}

// run carries out the operation with the odd answer, and then the next run, without.
func (c oddCell) run(t *testing.T) {
	c.prepare(t)
	before := c.r.State()
	c.scene.Faults().Add(c.call.on(fault.Fault{Rewrite: c.odd.In}))
	diags := c.do(t)
	c.scene.Faults().Clear()
	for _, word := range []string{"panic", "nconsistent", "invalid result", "invalid plan", "nil pointer", "Unexpected Identity"} {
		if strings.Contains(diags.String(), word) {
			t.Errorf("%s", diags)
		}
	}
	if diags.HasError() && c.odd.Change != fault.IsNull && !c.saysSo() && !strings.Contains(diags.Errors().String(), c.odd.Key) {
		t.Errorf("the error does not name the key:\n%s", diags)
	}
	if c.operation == read {
		c.keepsState(t, before, diags)
	}
	c.mayLose = true
	c.converges(t, diags, false)
}

// saysSo reports oddities that are the server's way to say that there is no value,
// and those of what users themselves put into an object.
func (c oddCell) saysSo() bool {
	const values = "urn:omni:params:1.0:UserAttribute"
	return c.odd.Change == fault.LeftOut && slices.Contains([]string{"productName", "schema", "ssl", "metadata", values}, c.odd.Key) ||
		slices.Contains([]string{"team", "env"}, c.odd.Key)
}

// keepsState: what is not said, or is no value at all, changes nothing.
func (c oddCell) keepsState(t *testing.T, before object, diags protocol.Diagnostics) {
	t.Helper()
	saysSo := c.odd.Change == fault.IsNull || c.saysSo()
	if !saysSo && !c.r.Exists() {
		t.Fatalf("the resource fell out of the state:\n%s", diags)
	}
	if !saysSo && !reflect.DeepEqual(c.r.State(), before) {
		t.Errorf("the state changed from\n%v to\n%v\n%s", before, c.r.State(), diags)
	}
	if !c.r.Exists() {
		diags.RequireWarning(t, "is gone")
	}
}

// Whatever single key of whatever answer is left out, null or of another type: what
// is read keeps its state, or fails with the key named; nothing that is written gets
// lost or is made twice; and the next run ends as it should have.
func TestOneOddKey(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*testing.T){}
	for kind, subject := range subjects() {
		if subject.by != "" || subject.isOlder || subject.only != nil {
			continue
		}
		for _, c := range oddCells(t, kind, subject) {
			if *allFaults || c.isChosen() {
				tests[c.String()] = c.run
			}
		}
	}
	atOnce(t, 2*runtime.GOMAXPROCS(0), tests)
	report(t, fmt.Sprintf("odd keys: %d answers with one", len(tests)))
}
