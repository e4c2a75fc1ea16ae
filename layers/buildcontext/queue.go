package buildcontext

import "sync"

// queue hands out jobs, deep ones first so that few wait. Jobs that may wait
// come last.
type queue struct {
	mu      sync.Mutex
	more    *sync.Cond
	first   []job
	last    []job
	open    int // jobs that wait or are being done
	stopped bool
}

func newQueue() *queue {
	q := &queue{}
	q.more = sync.NewCond(&q.mu)
	return q
}

func (q *queue) add(j job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.first = append(q.first, j)
	q.open++
	q.more.Signal()
}

func (q *queue) addLast(j job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.last = append(q.last, j)
	q.open++
	q.more.Signal()
}

// take waits for a job; false means that there will be none.
func (q *queue) take() (job, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.first)+len(q.last) == 0 && q.open > 0 && !q.stopped {
		q.more.Wait()
	}
	if q.stopped || q.open == 0 {
		return job{}, false
	}
	from := &q.first
	if len(q.first) == 0 {
		from = &q.last
	}
	n := len(*from) - 1
	j := (*from)[n]
	*from = (*from)[:n]
	return j, true
}

// done says that a job which was taken is done; it has added those that follow.
func (q *queue) done() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.open--; q.open == 0 {
		q.more.Broadcast()
	}
}

// stop lets everybody go home where there was an error.
func (q *queue) stop(err error) {
	if err == nil {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.stopped = true
	q.more.Broadcast()
}
