// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectiondbt

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

func text(s string) types.String { return types.StringValue(s) }

// full is a model in which every setting has a value.
func full() model {
	return model{
		ConnectionID: text("C"), SSHURL: text("https://h/r"), Branch: text("b"),
		AutogenRelationships: types.BoolValue(true), EnableVirtualSchemas: types.BoolValue(true), EnableSemanticLayer: types.BoolValue(true),
		DBTVersion: text("1.11"), ProjectRootPath: text("a"), AuthMethod: text("github_app"), GitHubAppInstallationID: text("1"),
		CommitterEmail: text("e"), CommitterName: text("n"), SigningPublicKey: text("k"), SupportsDBT: types.BoolValue(true),
	}
}

// What a write sends for each change: always what the server would reset, and of
// the rest what changed.
func TestSettings(t *testing.T) {
	t.Parallel()
	const always = `"sshUrl":"https://h/r","branch":"b","autogenRelationships":true,"enableVirtualSchemas":true,"enableSemanticLayer":true,"dbtVersion":"1.11"`
	for name, c := range map[string]struct {
		change  func(m *model)
		prior   model
		want    string
		differs bool
	}{
		"nothing":      {func(*model) {}, full(), `{` + always + `,"projectRootPath":"a"}`, false},
		"first":        {func(*model) {}, model{}, `{` + always + `,"projectRootPath":"a","authMethod":"github_app","githubAppInstallationId":"1","commitSigningCommitterEmail":"e","commitSigningCommitterName":"n"}`, true},
		"the root":     {func(m *model) { m.ProjectRootPath = types.StringNull() }, full(), `{` + always + `,"projectRootPath":null}`, true},
		"a method":     {func(m *model) { m.AuthMethod = text("ssh") }, full(), `{` + always + `,"projectRootPath":"a","authMethod":"ssh"}`, true},
		"a name":       {func(m *model) { m.CommitterName = text("m") }, full(), `{` + always + `,"projectRootPath":"a","commitSigningCommitterEmail":"e","commitSigningCommitterName":"m"}`, true},
		"an address":   {func(m *model) { m.CommitterEmail = text("f") }, full(), `{` + always + `,"projectRootPath":"a","commitSigningCommitterEmail":"f","commitSigningCommitterName":"n"}`, true},
		"unknown yet":  {func(m *model) { m.GitHubAppInstallationID = types.StringUnknown() }, full(), `{` + always + `,"projectRootPath":"a"}`, false},
		"another case": {func(m *model) { m.ConnectionID = text("c") }, full(), `{` + always + `,"projectRootPath":"a"}`, false},
	} {
		m := full()
		c.change(&m)
		got, err := json.Marshal(m.settings(c.prior))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %s, %v", name, got, err)
		}
		if got := m.differs(c.prior); got != c.differs {
			t.Errorf("%s: differs is %t", name, got)
		}
	}
}

// Each field of the wire has its attribute, and the four that newer servers have are
// among them.
func TestPairs(t *testing.T) {
	t.Parallel()
	if got, want := len(changeable), reflect.TypeFor[omni.DBTSettings]().NumField(); got != want {
		t.Errorf("%d of %d settings have an attribute: %v", got, want, framework.Names(changeable))
	}
	if len(readable) != len(changeable)+1 || len(newerPairs) != 4 {
		t.Errorf("read are %v, newer are %v", framework.Names(readable), framework.Names(newerPairs))
	}
}

// An older server leaves keys out: they stay. Null is null, and unknown never
// survives.
func TestRead(t *testing.T) {
	t.Parallel()
	if got := full().read(&omni.DBT{}); got.AuthMethod.ValueString() != "github_app" || got.ProjectRootPath.ValueString() != "a" {
		t.Errorf("%+v", got)
	}
	unknown := full()
	unknown.AuthMethod, unknown.DBTVersion = types.StringUnknown(), types.StringUnknown()
	unknown.EnableSemanticLayer, unknown.SupportsDBT = types.BoolUnknown(), types.BoolUnknown()
	got := unknown.read(&omni.DBT{})
	if !got.AuthMethod.IsNull() || !got.DBTVersion.IsNull() || !got.EnableSemanticLayer.IsNull() || !got.SupportsDBT.ValueBool() {
		t.Errorf("%+v", got)
	}
	server := &omni.DBT{DBTSettings: omni.DBTSettings{ProjectRootPath: nullable.Of(""), AuthMethod: nullable.Null[string](), Branch: nullable.Of("x")}}
	got = full().read(server)
	if !got.ProjectRootPath.IsNull() || !got.AuthMethod.IsNull() || got.Branch.ValueString() != "x" {
		t.Errorf("%+v", got)
	}
	if got := absentAttributes(server); !slices.Equal(got, []string{"commit_signing_committer_email", "commit_signing_committer_name", "github_app_installation_id"}) {
		t.Errorf("%v", got)
	}
}

func TestAgrees(t *testing.T) {
	t.Parallel()
	server := &omni.DBT{DBTSettings: full().settings(model{})}
	if !full().agrees(server) || !full().agrees(&omni.DBT{}) {
		t.Error("it does not agree with itself")
	}
	for name, change := range map[string]func(m *model){
		"branch":  func(m *model) { m.Branch = text("x") },
		"root":    func(m *model) { m.ProjectRootPath = types.StringNull() },
		"method":  func(m *model) { m.AuthMethod = text("ssh") },
		"layer":   func(m *model) { m.EnableSemanticLayer = types.BoolValue(false) },
		"version": func(m *model) { m.DBTVersion = text("Auto") },
	} {
		m := full()
		if change(&m); m.agrees(server) {
			t.Errorf("%s: it agrees", name)
		}
	}
	open := full()
	open.DBTVersion, open.EnableSemanticLayer = types.StringUnknown(), types.BoolUnknown()
	if !open.agrees(server) {
		t.Error("what is open does not agree")
	}
}

// A method that is not known, as after an import from an older server, may be that of
// a token.
func TestMayUseToken(t *testing.T) {
	t.Parallel()
	for method, want := range map[string]bool{"https_token": true, "": true, "of_the_future": true, "ssh": false, "github_app": false} {
		if got := (model{AuthMethod: text(method)}).mayUseToken(); got != want {
			t.Errorf("%q: %t", method, got)
		}
	}
}

// A write connects another repository, or the same in another way; where the state does
// not know which it was, it is taken for the same.
func TestConnects(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		plan, prior func(m *model)
		want        bool
	}{
		"the same":               {nil, nil, false},
		"the first":              {nil, func(m *model) { m.ConnectionID = types.StringNull() }, true},
		"another address":        {func(m *model) { m.SSHURL = text("https://h/other") }, nil, true},
		"an address known later": {func(m *model) { m.SSHURL = types.StringUnknown() }, nil, true},
		"an address forgotten":   {nil, func(m *model) { m.SSHURL = types.StringNull() }, false},
		"another method":         {func(m *model) { m.AuthMethod = text("ssh") }, nil, true},
		"a method known later":   {func(m *model) { m.AuthMethod = types.StringUnknown() }, nil, true},
		"a method forgotten":     {nil, func(m *model) { m.AuthMethod = types.StringNull() }, false},
		"another branch":         {func(m *model) { m.Branch = text("other") }, nil, false},
	} {
		plan, prior := full(), full()
		if c.plan != nil {
			c.plan(&plan)
		}
		if c.prior != nil {
			c.prior(&prior)
		}
		if got := plan.connects(prior); got != c.want {
			t.Errorf("%s: connects is %t", name, got)
		}
	}
}

func TestAdopts(t *testing.T) {
	t.Parallel()
	unread := []string{"auth_method", "commit_signing_committer_name", "damage"}
	prior := full()
	prior.AuthMethod = types.StringNull()
	names := full().adopts(prior, unread)
	if !slices.Equal(names, []string{"auth_method"}) {
		t.Errorf("%v", names)
	}
	if got := prior.adopt(full(), names); got.AuthMethod.ValueString() != "github_app" || full().differs(got) || !full().differs(prior) {
		t.Errorf("%v", got.AuthMethod)
	}
	if names := prior.adopts(prior, unread); len(names) != 0 {
		t.Errorf("%v", names)
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string][2]bool{
		"git@github.com:org/repo.git": {true, false}, "ssh://git@h:22/o/r": {true, false}, "org-1@h:r": {true, false},
		"https://github.com/o/r": {false, true}, "http://github.com/o/r": {}, "github.com:o/r": {}, "git@h": {}, "git@h:": {}, "g t@h:r": {}, "": {},
	} {
		if got := [2]bool{isSSH(address), isHTTPS(address)}; got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}
