// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package lifecycle_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/host"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// world is a folder with a configuration, and servers of its own. What goes wrong
// in it ends the way by a panic, which attempt turns into an error: a failure may
// be a known one, or the refusal that is right.
type world struct {
	*acctest.Session
	t        *testing.T
	folder   string // below the session's, where commands run; "" for the session's own
	omni     *omnimock.Server
	reporter *reportermock.Server
	units    []*unit
	given    map[string][]string // what the servers had before, by type
	last     string              // the output of the last command
	log      strings.Builder     // of all commands
}

func newWorld(t *testing.T, units ...*unit) *world {
	t.Helper()
	omni := omnimock.Start(t, omnimock.Options{EnvironmentList: true})
	reporter := reportermock.Start(t, reportermock.Options{Auth: reportermock.StaticToken})
	w := &world{t: t, omni: omni, reporter: reporter, units: units}
	w.Session = acctest.NewBuiltSession(t,
		"OMNI_BASE_URL="+omni.URL(), "OMNI_API_TOKEN="+omni.Token(), "OMNI_MAX_REQUESTS_PER_MINUTE=100000",
		"REPORTER_BASE_URL="+reporter.URL(), "REPORTER_TOKEN="+reporter.Token(), "REPORTER_PRODUCT_NAME=sales", "REPORTER_MAX_REQUESTS_PER_MINUTE=100000")
	omni.AddUserAttribute(omnimock.UserAttribute{Name: "teams", MultipleValues: true})
	members := []string{"MEMBER_ONE", omni.AddMember(), "MEMBER_TWO", omni.AddMember()}
	for i, u := range units {
		u.label = fmt.Sprintf("unit%03d", i)
		names := append(members, "LABEL", u.label) //nolint:gocritic // a list of its own
		if u.typeName == "dataconn_omni_user_attribute_value" {
			for placeholder, user := range map[string]string{"USER_ONE": "one", "USER_TWO": "two"} {
				names = append(names, placeholder, omni.AddUser(omnimock.User{UserName: user + "-" + u.label + "@example.com"}))
			}
		}
		u.names = strings.NewReplacer(names...)
	}
	w.given = w.onServers()
	return w
}

// failure is what ends a way, in all of its units or in some.
type failure struct {
	message string
	labels  []string // of the units that the message names
	log     string
}

func (f *failure) Error() string { return f.message + "\n" + f.log }

var label = regexp.MustCompile(`unit\d{3}`)

func (w *world) fail(format string, arguments ...any) {
	message := fmt.Sprintf(format, arguments...)
	panic(&failure{message, label.FindAllString(message, -1), w.log.String()})
}

func (w *world) must(err error) {
	if err != nil {
		w.fail("%v", err)
	}
}

// attempt tries a way with these units in a world of their own, and returns what
// went wrong.
func attempt(t *testing.T, do func(w *world), units ...*unit) error {
	t.Helper()
	return newWorld(t, units...).try(do)
}

func (w *world) try(do func(w *world)) (err error) {
	defer func() {
		switch problem := recover().(type) {
		case nil:
		case *failure:
			err = problem
		default:
			panic(problem)
		}
	}()
	do(w)
	return nil
}

// write replaces the configuration: what the units refer to, and for each unit
// what configure returns, with its label in place of LABEL.
func (w *world) write(configure func(u *unit) string) {
	var all strings.Builder
	for _, u := range w.units {
		all.WriteString(u.named(u.before + "\n" + configure(u)))
	}
	w.file("main.tf", cli.RequiredProvider("")+all.String())
}

// file writes a file where commands run.
func (w *world) file(name, content string) {
	name = filepath.Join(w.folder, name)
	w.must(os.MkdirAll(filepath.Join(w.Dir, filepath.Dir(name)), 0o700))
	w.WriteFile(name, content)
	_, _ = fmt.Fprintf(&w.log, "--- %s\n%s\n", name, content)
}

// blames are texts in which a CLI blames the provider, or the provider ends.
var blames = []string{"bug in the provider", "Provider produced", "panic:", "The plugin encountered", "plugin crashed", "produced an unexpected", "Plugin did not respond"}

// do runs a command, and returns its exit code.
func (w *world) do(arguments ...string) (code int) {
	isSaved := strings.HasSuffix(arguments[len(arguments)-1], ".tfplan")
	if command := arguments[0]; (command == "apply" || command == "destroy") && !isSaved {
		arguments = append(arguments, "-auto-approve")
	}
	result := w.Try(append([]string{"-chdir=" + filepath.Join(w.Dir, w.folder)}, arguments...)...)
	w.last = unwrapped(result.Output)
	_, _ = fmt.Fprintf(&w.log, "--- %s: %d\n%s\n", strings.Join(arguments, " "), result.Code, result.Output)
	for _, text := range blames {
		if strings.Contains(w.last, text) {
			w.fail("%s says %q: %s", arguments[0], text, w.problems())
		}
	}
	return result.Code
}

// unwrapped is a CLI's output without its line breaks and frames, so that a text
// is found wherever it was broken.
func unwrapped(output string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(output)), " ")
}

// run runs a command that has to succeed.
func (w *world) run(arguments ...string) {
	if code := w.do(arguments...); code != 0 {
		w.fail("%v ended with %d: %s", arguments, code, w.problems())
	}
}

// problems are the beginnings of the errors that the last command printed; where
// there are none, of the changes that it planned.
func (w *world) problems() string {
	separator, length := "Error: ", 300
	if !strings.Contains(w.last, separator) {
		separator, length = " # ", 60
	}
	var all []string
	for _, part := range strings.Split(w.last, separator)[1:] {
		all = append(all, part[:min(length, len(part))])
	}
	return strings.Join(all, "; ")
}

// says fails the cell unless the last command printed the text.
func (w *world) says(text string) {
	if !strings.Contains(w.last, text) {
		w.fail("the output does not say %q: %s", text, w.problems())
	}
}

// summary is the end of an apply.
func summary(added, changed, destroyed int) string {
	return fmt.Sprintf("Resources: %d added, %d changed, %d destroyed.", added, changed, destroyed)
}

// settle checks that a plan is empty, a refresh finds nothing new, and state and
// servers have the same. An apply is all three in one command.
func (w *world) settle(arguments ...string) {
	before := w.instances()
	w.run(append([]string{"apply"}, arguments...)...)
	if imported := strings.Contains(w.last, " imported, "); imported || !strings.Contains(w.last, summary(0, 0, 0)) {
		w.fail("a plan right after the apply is not empty: %s", w.problems())
	}
	if drift := differences(before, w.instances()); len(drift) > 0 {
		w.fail("a refresh right after the apply changed the state:\n%s", strings.Join(drift, "\n"))
	}
	w.compare()
}

// compare checks that the servers have what the state has, and that nothing is
// deposed or tainted.
func (w *world) compare() {
	inState := map[string][]string{}
	for _, i := range w.instances() {
		if i.Deposed != "" || i.Status != "" {
			w.fail("%s.%s is deposed (%q) or %s", i.Type, i.Name, i.Deposed, i.Status)
		}
		if strings.HasPrefix(i.Type, "dataconn_") {
			inState[i.Type] = append(inState[i.Type], i.importID())
		}
	}
	onServers := w.onServers()
	for _, s := range subjects() {
		here, there := slices.Sorted(slices.Values(inState[s.typeName])), slices.Clone(onServers[s.typeName])
		there = slices.DeleteFunc(there, func(id string) bool { return slices.Contains(w.given[s.typeName], id) })
		if s.stays {
			there = slices.DeleteFunc(there, func(id string) bool { return !slices.Contains(here, id) })
		}
		if slices.Sort(there); !slices.Equal(here, there) {
			w.fail("%s: the state has %q, the server %q", s.typeName, here, there)
		}
	}
}

// destroy ends the cell: everything can be destroyed, and nothing stays.
func (w *world) destroy(arguments ...string) {
	w.run(append([]string{"destroy"}, arguments...)...)
	if left := w.instances(); len(left) > 0 {
		w.fail("destroyed, and the state still has %v", left)
	}
	w.compare()
}

// instance is an object of the state file.
type instance struct {
	Type, Name, Key string
	Deposed, Status string
	Attributes      map[string]any
}

// importID is what the object is imported by: its identity.
func (i instance) importID() string {
	var parts []string
	for _, name := range identityOf(i.Type) {
		text, _ := i.Attributes[name].(string)
		parts = append(parts, text)
	}
	return strings.ToLower(strings.Join(parts, "/")) // case does not matter
}

// instances are all objects of the state that are managed.
func (w *world) instances() []instance {
	content, err := os.ReadFile(filepath.Join(w.Dir, w.folder, "terraform.tfstate"))
	if errors.Is(err, fs.ErrNotExist) || len(content) == 0 {
		return nil
	}
	w.must(err)
	var state struct {
		Resources []struct {
			Mode, Type, Name, Module string
			Instances                []struct {
				IndexKey   any `json:"index_key"`
				Deposed    string
				Status     string
				Attributes map[string]any
			}
		}
	}
	w.must(json.Unmarshal(content, &state))
	var all []instance
	for _, r := range state.Resources {
		for _, i := range r.Instances {
			if r.Mode == "managed" {
				all = append(all, instance{r.Type, r.Name, fmt.Sprint(r.Module, i.IndexKey), i.Deposed, i.Status, i.Attributes})
			}
		}
	}
	return all
}

// instance returns the one object of this type and name.
func (w *world) instance(typeName, name string) instance {
	for _, i := range w.instances() {
		if i.Type == typeName && i.Name == name {
			return i
		}
	}
	w.fail("the state has no %s.%s", typeName, name)
	return instance{}
}

// differences lists the attributes in which two states differ.
func differences(before, after []instance) []string {
	if len(before) != len(after) {
		return []string{fmt.Sprintf("%d objects became %d", len(before), len(after))}
	}
	var lines []string
	for n, i := range after {
		for name, value := range i.Attributes {
			if was := before[n].Attributes[name]; !reflect.DeepEqual(was, value) {
				lines = append(lines, fmt.Sprintf("%s.%s %s: %v became %v", i.Type, i.Name, name, was, value))
			}
		}
	}
	slices.Sort(lines)
	return lines
}

// forget forgets the requests so far.
func (w *world) forget() {
	w.omni.ResetRequests()
	w.reporter.ResetRequests()
}

// sent reports whether a write for the unit carried the text since forget: one
// to its own path, or a creation that names it.
func (w *world) sent(u *unit, text string) bool {
	quoted, _ := json.Marshal(text)
	text = string(quoted[1 : len(quoted)-1])
	id := "?" // the last of the identity's
	for _, i := range w.instances() {
		if i.Type == u.typeName && i.Name == u.label {
			for part := range strings.SplitSeq(i.importID(), "/") {
				if uuid.Validate(part) == nil {
					id = part
				}
			}
		}
	}
	return slices.ContainsFunc(slices.Concat(w.omni.Requests(), w.reporter.Requests()), func(r host.Request) bool {
		carried := strings.Contains(string(r.Body), text) || strings.Contains(fmt.Sprint(r.Header), text)
		return r.Method != "GET" && carried && (strings.Contains(r.Path, id) || r.Method == "POST" && strings.Contains(string(r.Body), u.label))
	})
}

// onServers are the import ids of all that the servers have, by type.
func (w *world) onServers() map[string][]string {
	all := map[string][]string{}
	for _, s := range subjects() {
		if s.onServer != nil {
			all[s.typeName] = s.onServer(w)
		}
	}
	return all
}
