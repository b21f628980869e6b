"""The worker: takes waiting events, judges whom they touch, publishes 速報; stands on judgement and publication."""
