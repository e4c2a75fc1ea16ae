package session

import "context"

// Settle runs a session with nobody watching until nothing is wanted any more:
// the commands and the tests live on it.
func Settle(ctx context.Context, s State, rs []Request, do Do) State {
	for len(rs) > 0 && ctx.Err() == nil {
		do(ctx, rs[0], func(m Msg) {
			var more []Request
			s, more = s.Update(m)
			rs = append(rs, more...)
		})
		rs = rs[1:]
	}
	return s
}
