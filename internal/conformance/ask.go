// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"context"

	"github.com/dataconn/terraform-provider-dataconn/internal/live"
)

// Reply is what a server answered to a point, or why it was not asked.
type Reply struct {
	Answer   string
	NotAsked string
}

// Survey is what a server answered to all points of its system.
type Survey struct {
	Replies map[string]Reply // by the point's id
	Left    []string         // what could not be deleted again
}

// Ask asks a server every point of its system, one after the other. user is the
// e-mail address of a user whose attributes may be set and cleared, "" for none.
// progress is called before each point.
func Ask(ctx context.Context, server *live.Server, user string, progress func(Point)) (Survey, error) {
	survey := Survey{Replies: map[string]Reply{}}
	scrub := scrubber(server, user)
	for _, point := range Points() {
		if point.System != server.System {
			continue
		}
		if err := ctx.Err(); err != nil {
			return survey, err
		}
		progress(point)
		survey.Replies[point.ID] = ask(ctx, server, point, user, scrub, &survey.Left)
	}
	return survey, nil
}

func ask(ctx context.Context, server *live.Server, point Point, user string, scrub func(string) string, left *[]string) Reply {
	switch {
	case point.Probe == nil:
		return Reply{NotAsked: point.Why}
	case server.ReadOnly && !point.Reads:
		return Reply{NotAsked: "it needs a write"}
	}
	// What a probe made is deleted even where the run was interrupted.
	p := &Probe{ctx: context.WithoutCancel(ctx), server: server, user: user, scrub: scrub, left: left}
	answer, reason := p.run(point.Probe)
	return Reply{answer, reason}
}
