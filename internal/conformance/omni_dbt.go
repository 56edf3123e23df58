// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"github.com/dataconn/terraform-provider-dataconn/internal/live"
)

// repository is a body of a dbt configuration. Its host is of a reserved domain,
// so a server that connects at once refuses it; that is an answer too.
func repository(changes object) object {
	return with(object{
		"sshUrl": "git@git.example.com:conformance/dbt.git", "branch": "main",
		"autogenRelationships": true, "enableVirtualSchemas": false,
	}, changes)
}

// configured says what the server says to a dbt configuration.
func configured(changes object) func(*Probe) string {
	return func(p *Probe) string {
		return said(p.put("connections/"+p.connection(postgres())+"/dbt", repository(changes)))
	}
}

// withDBT makes a connection that has a repository.
func (p *Probe) withDBT() string {
	id := p.connection(postgres())
	if answer := p.put("connections/"+id+"/dbt", repository(nil)); answer.Status >= 400 {
		p.stop("no repository could be configured: %s", said(answer))
	}
	return id
}

// inEnvironment says what the server says to a dbt environment.
func inEnvironment(body object) func(*Probe) string {
	return func(p *Probe) string {
		return said(p.post("connections/"+p.withDBT()+"/dbt/environments", with(object{"name": live.NewName(), "targetSchema": "s"}, body)))
	}
}

// variable is a variable of a dbt environment that is new.
func variable(name string) object { return object{"name": name, "value": "v", "isSecret": false} }

// changedVariable makes an environment with a variable and puts another body for
// it.
func changedVariable(change func(id string) object) func(*Probe) string {
	return func(p *Probe) string {
		path := "connections/" + p.withDBT() + "/dbt/environments"
		body := object{"name": live.NewName(), "targetSchema": "s", "variables": []object{variable("A")}}
		made := p.post(path, body)
		body["variables"] = []object{change(made.Text("variables", 0, "id"))}
		return said(p.put(path+"/"+first(made.Text("id"), nobody()), body))
	}
}

func omniDBT() []Point {
	points := []Point{
		{ID: "not-configured", Asks: "GET of a repository that is not configured", Probe: func(p *Probe) string {
			answer := p.get("connections/" + p.connection(postgres()) + "/dbt")
			return said(answer) + " " + shape(answer.JSON())
		}},
		{ID: "configure", Asks: "the first PUT of a repository", Probe: func(p *Probe) string {
			answer := p.put("connections/"+p.connection(postgres())+"/dbt", repository(nil))
			return said(answer) + " " + shape(answer.JSON())
		}},
		{ID: "dialect-without", Asks: "a repository for Exasol", Choices: []string{"omnimock.supportsDBT", "omnimock.putDBT"}, Probe: func(p *Probe) string {
			return said(p.put("connections/"+p.connection(with(postgres(), object{"dialect": "exasol"}))+"/dbt", repository(nil)))
		}},
		{ID: "version-default", Asks: "the version of dbt that is not set", Choices: []string{"omnimock.newDBT"}, Probe: func(p *Probe) string {
			return is(p.get("connections/" + p.withDBT() + "/dbt").At("dbtVersion"))
		}},
		{ID: "version-unknown", Asks: "a version of dbt that is not supported", Choices: []string{"omnimock.checkDBT"}, Probe: configured(object{"dbtVersion": "0.1"})},
		{ID: "committer-without-app", Asks: "a committer for a repository that is reached by SSH", Choices: []string{"omnimock.checkDBT"}, Probe: configured(object{
			"commitSigningCommitterEmail": "dbt@example.com", "commitSigningCommitterName": "dbt",
		})},
		{ID: "token-without-method", Asks: "a token for a repository that is reached by SSH", Choices: []string{"omnimock.checkDBT"}, Probe: configured(object{"token": "token"})},
		{ID: "app-without-method", Asks: "an installation of the app for a repository that is reached by SSH", Choices: []string{"omnimock.checkDBT"}, Probe: configured(object{"githubAppInstallationId": "1"})},
		{ID: "keys-by-app", Asks: "the signing key of a repository that is reached by SSH", Choices: []string{"omnimock.checkDBT"}, Probe: func(p *Probe) string {
			return shape(p.get("connections/" + p.withDBT() + "/dbt").At("commitSigningPublicKey"))
		}},
		{ID: "committer-address", Asks: "a committer with letters beyond ASCII in the address", Choices: []string{"omnimock.emailForm"}, Probe: configured(object{
			"authMethod": "github_app", "sshUrl": "https://git.example.com/conformance/dbt", "githubAppInstallationId": "1",
			"commitSigningCommitterEmail": "dübt@example.com", "commitSigningCommitterName": "dbt",
		})},
		{ID: "unlink-with-environment", Asks: "the environments after the repository was unlinked", Choices: []string{"omnimock.deleteDBT"}, Probe: func(p *Probe) string {
			id := p.withDBT()
			p.post("connections/"+id+"/dbt/environments", object{"name": live.NewName(), "targetSchema": "s"})
			p.remove("connections/" + id + "/dbt")
			answer := p.get("connections/" + id + "/dbt/environments")
			return said(answer) + ", " + is(answer.At("pageInfo", "totalRecords"))
		}},
		{ID: "signing-key-form", Asks: "a signing key that is no key", Choices: []string{"omnimock.checkSigningKey"}, Probe: func(p *Probe) string {
			return said(p.post("connections/"+p.withDBT()+"/dbt/rotate-signing-key", object{"signingPrivateKey": "no key"}))
		}},
		{ID: "signing-passphrase", Asks: "a passphrase without a signing key", Choices: []string{"omnimock.checkSigningKey"}, Probe: func(p *Probe) string {
			return said(p.post("connections/"+p.withDBT()+"/dbt/rotate-signing-key", object{"signingKeyPassphrase": "no key"}))
		}},
		{ID: "environment-without-repository", Asks: "a dbt environment before the repository", Choices: []string{"omnimock.createDBTEnvironment"}, Probe: func(p *Probe) string {
			return said(p.post("connections/"+p.connection(postgres())+"/dbt/environments", object{"name": live.NewName(), "targetSchema": "s"}))
		}},
		{ID: "environment-keys", Asks: "the keys of a dbt environment", Probe: func(p *Probe) string {
			return shape(p.post("connections/"+p.withDBT()+"/dbt/environments", object{"name": live.NewName(), "targetSchema": "s"}).JSON())
		}},
		{ID: "environment-unknown-key", Asks: "a dbt environment with an unknown key", Choices: []string{"omnimock.fillDBTEnvironment"}, Probe: inEnvironment(object{"noSuchKey": 1})},
		{ID: "variable-twice", Asks: "a variable twice in one environment", Choices: []string{"omnimock.fillDBTEnvironment"}, Probe: inEnvironment(object{"variables": []object{variable("A"), variable("A")}})},
		{ID: "variable-missing", Asks: "a change of a variable that does not exist", Choices: []string{"omnimock.dbtVariable"}, Probe: changedVariable(func(string) object {
			return object{"id": nobody(), "isSecret": false, "value": "w"}
		})},
		{ID: "variable-kept", Asks: "a plain variable without its value", Choices: []string{"omnimock.dbtVariable"}, Probe: changedVariable(func(id string) object {
			return object{"id": id, "isSecret": false}
		})},
		{ID: "variable-sealed", Asks: "a plain variable that becomes secret", Choices: []string{"omnimock.dbtVariable"}, Probe: changedVariable(func(id string) object {
			return object{"id": id, "isSecret": true, "value": "w"}
		})},
		{
			ID: "environment-default", Asks: "DELETE of the default environment", Choices: []string{"omnimock.deleteDBTEnvironment"},
			Why: "which environment is the default is set in Omni's own pages alone",
		},
	}
	return of("omni/dbt/", live.Omni, points)
}
