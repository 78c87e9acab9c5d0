"""What Celery is measured with: a task that does nothing, and a sender of many.

The worker is told to leave out what AcuRate does not do either: results, gossip, mingling, and its own heartbeats.
"""

import os
import sys
import time

from celery import Celery

app = Celery("noop", broker=os.environ["BROKER_URL"])
app.conf.update(
    task_ignore_result=True,
    worker_prefetch_multiplier=64,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
)


@app.task(name="noop")
def noop(number):
    return None


def send(count):
    """Sends tasks one by one on one connection, and returns the seconds that it took."""
    with app.producer_pool.acquire(block=True) as producer:
        noop.apply_async((0,), producer=producer)
        began = time.perf_counter()
        for number in range(1, count):
            noop.apply_async((number,), producer=producer)
        return time.perf_counter() - began


if __name__ == "__main__":
    print(send(int(sys.argv[1])))
