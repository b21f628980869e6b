"""The caseworkers' page: server-rendered, without script, without anything from outside."""
