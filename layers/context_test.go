package layers_test

import "context"

// background is the context of programs that a test starts.
var background = context.Background()
