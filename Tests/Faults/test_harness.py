"""The campaign has to notice what it looks for, or nothing here proves anything."""

import pytest

from Faults.segments import frames, segments
from StandIns.http_backend import Fault


def test_a_segment_that_is_taken_away_is_noticed(campaign, server):
    server.faults.standing(Fault(status=503))
    run = campaign(document_id="request")
    run.run_for(0.3)
    run.pause()
    run.gateway.kill()
    (segment,) = segments(run.queue())
    held = {number for frame in frames(segment) for number in frame.numbers}
    assert run.acknowledged <= held
    segment.unlink()
    server.faults.standing()
    run.start_process(run.gateway)
    run.settle()
    with pytest.raises(AssertionError, match="acknowledged records were lost"):
        run.check()


def test_a_backend_that_says_it_took_what_it_did_not_is_noticed(campaign, server):
    run = campaign(document_id="request", bulk_response_filter_path="errors")
    server.faults.once(Fault(answer_body=b'{"took":1,"errors":false}', items=lambda document: 503))
    run.run_for(0.3)
    with pytest.raises(AssertionError, match="the backend has taken|queues did not come"):
        run.settle(5)
