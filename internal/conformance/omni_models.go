// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"fmt"

	"github.com/dataconn/terraform-provider-dataconn/internal/live"
)

// schedule is a body of a schedule.
func schedule(changes object) object {
	return with(object{"schedule": "0 2 * * ? *", "timezone": "UTC"}, changes)
}

// modelled makes a connection that has its schema model.
func (p *Probe) modelled() string {
	id := p.connection(postgres())
	if answer := p.post("models", object{"connectionId": id, "modelKind": "SCHEMA"}); answer.Status != 200 {
		p.stop("no schema model could be registered: %s", said(answer))
	}
	return id
}

// scheduled says what the server says to a schedule.
func scheduled(changes object) func(*Probe) string {
	return func(p *Probe) string {
		return said(p.post("connections/"+p.modelled()+"/schedules", schedule(changes)))
	}
}

func omniModels() []Point {
	points := []Point{
		{ID: "register", Asks: "registering the schema model of a new connection", Probe: func(p *Probe) string {
			id := p.connection(postgres())
			answer := p.post("models", object{"connectionId": id, "modelKind": "SCHEMA"})
			same := answer.Text("model", "id") == id
			return fmt.Sprintf("%s %s, its id is the connection's: %t", said(answer), shape(answer.JSON()), same)
		}},
		{ID: "register-twice", Asks: "registering it a second time", Probe: func(p *Probe) string {
			return said(p.post("models", object{"connectionId": p.modelled(), "modelKind": "SCHEMA"}))
		}},
		{ID: "register-missing", Asks: "a model of a connection that does not exist", Choices: []string{"omnimock.createModel"}, Probe: func(p *Probe) string {
			return said(p.post("models", object{"connectionId": nobody(), "modelKind": "SCHEMA"}))
		}},
		{ID: "register-name", Asks: "a schema model with a name of its own", Choices: []string{"omnimock.checkNewModel"}, Probe: func(p *Probe) string {
			return said(p.post("models", object{"connectionId": p.connection(postgres()), "modelKind": "SCHEMA", "modelName": "another"}))
		}},
		{ID: "shared-too-early", Asks: "a shared model before the schema was read", Choices: []string{"omnimock.newModel"}, Probe: func(p *Probe) string {
			return said(p.post("models", object{"connectionId": p.modelled(), "modelKind": "SHARED", "modelName": live.NewName()}))
		}},
		{ID: "delete-schema", Asks: "DELETE of a schema model", Choices: []string{"omnimock.deleteModel"}, Probe: func(p *Probe) string {
			return said(p.remove("models/" + p.modelled()))
		}},
		{ID: "delete-missing", Asks: "DELETE of a model that does not exist", Choices: []string{"omnimock.noModel"}, Probe: func(p *Probe) string {
			return said(p.remove("models/" + nobody()))
		}},
		{ID: "list", Asks: "the list of models", Reads: true, Probe: func(p *Probe) string {
			answer := p.get("models?modelKind=SCHEMA&pageSize=1")
			return said(answer) + " " + shape(answer.JSON())
		}},
		{ID: "list-sort", Asks: "the list of models, sorted by name", Reads: true, Choices: []string{"omnimock.modelPageSize"}, Probe: func(p *Probe) string {
			return said(p.get("models?sortField=name&pageSize=1"))
		}},
		{ID: "refresh-missing", Asks: "a refresh of a model that does not exist", Choices: []string{"omnimock.refreshModel"}, Probe: func(p *Probe) string {
			return said(p.post("models/"+nobody()+"/refresh", nil))
		}},
		{ID: "refresh-body", Asks: "a refresh with an empty object as its body", Choices: []string{"omnimock.refreshModel"}, Probe: func(p *Probe) string {
			return said(p.post("models/"+p.modelled()+"/refresh", object{}))
		}},
		{ID: "schedule-without-model", Asks: "a schedule before the schema model exists", Probe: func(p *Probe) string {
			return said(p.post("connections/"+p.connection(postgres())+"/schedules", schedule(nil)))
		}},
		{ID: "schedules-without-model", Asks: "the schedules before the schema model exists", Choices: []string{"omnimock.scheduled"}, Probe: func(p *Probe) string {
			return said(p.get("connections/" + p.connection(postgres()) + "/schedules"))
		}},
		{ID: "schedules-after-trash", Asks: "the schedules of a connection that was deleted", Choices: []string{"omnimock.trashModels"}, Probe: func(p *Probe) string {
			id := p.modelled()
			p.post("connections/"+id+"/schedules", schedule(nil))
			p.remove("connections/" + id)
			return said(p.get("connections/" + id + "/schedules"))
		}},
		{ID: "schedule-keys", Asks: "the keys of a schedule", Probe: func(p *Probe) string {
			return shape(p.post("connections/"+p.modelled()+"/schedules", schedule(nil)).JSON())
		}},
		{ID: "cron-lower-case", Asks: "names of days in lower case", Choices: []string{"omnimock.cronFields"}, Probe: scheduled(object{"schedule": "0 2 ? * mon *"})},
		{ID: "cron-five-fields", Asks: "a schedule of five fields", Probe: scheduled(object{"schedule": "0 2 * * *"})},
		{ID: "timezone-unknown", Asks: "a time zone that does not exist", Probe: scheduled(object{"timezone": "Mars/Olympus"})},
	}
	return of("omni/model/", live.Omni, points)
}
