"""The same as tests/node/foreign.mjs, with python-socketio.

Its AsyncClient, not its Client: that one handles each message in a thread of its own, so that events can overtake one
another and the last position that was seen says nothing about the ones before it.
"""

import asyncio
import json
import os
import sys

import socketio

TOKEN, TICKET = os.environ["TOKEN"], os.environ["TICKET"]
client = socketio.AsyncClient(reconnection_delay=0.05, reconnection_delay_max=0.2)
position = None
is_in = False


def say(**told):
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def auth():
    if not is_in:
        return {"token": TOKEN}
    return {"token": TOKEN, "position": position, "tickets": [TICKET]}


def joined(answer):
    global is_in
    is_in = answer["ok"]
    say(kind="joined", answer=answer)


@client.event
async def connect():
    say(kind="connected")
    if not is_in:
        await client.emit("join-ticket", TICKET, callback=joined)


@client.event
async def disconnect(reason):
    say(kind="disconnected")


@client.event
async def connect_error(data):
    say(kind="connect_error", message=str(data))


@client.on("*")
async def any_event(name, *args):
    global position
    if len(args) > 1 and "position" in args[1]:
        position = args[1]["position"]
    say(kind="event", name=name, args=args)


async def main():
    await client.connect(os.environ["URL"], auth=auth, transports=["websocket"])
    await asyncio.to_thread(sys.stdin.read)
    os._exit(0)


asyncio.run(main())
