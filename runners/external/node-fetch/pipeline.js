/* Task pipeline: JavaScript has no queue to wait for, so this is one of promises. Whoever finds no room, or no number,
 * awaits a promise whose resolve function the other side calls, and then looks again, as another may have been faster.
 * Nobody else awaits anything, as each `await` gives the turn away. */
'use strict';

const {clockNs} = require('./contract.js');

class Queue {
    constructor(slots) {
        this.slots = slots;
        this.items = [];
        this.isClosed = false;
        this.waiting = {room: [], number: []};
    }

    get isFull() {
        return this.items.length >= this.slots;
    }

    get isEmpty() {
        return this.items.length === 0;
    }

    until(what) {
        return new Promise((resume) => this.waiting[what].push(resume));
    }

    wake(what) {
        this.waiting[what].shift()?.();
    }

    put(item) {
        item.putNs = clockNs();
        this.items.push(item);
        this.wake('number');
    }

    get() {
        const item = this.items.shift();
        item.takenNs = clockNs();
        this.wake('room');
        return item;
    }

    close() {
        this.isClosed = true;
        this.waiting.number.forEach((resume) => resume());
    }
}

/* Half of the workers put numbers into the queue, the others take them out and count their divisors. */
class Pipeline {
    constructor(run) {
        this.run = run;
        this.queue = new Queue(run.settings.queue_slots);
        this.producers = this.left = Math.floor(run.settings.concurrency / 2);
    }

    /* What a worker does. One alone needs no queue. */
    async work(worker) {
        if (this.run.settings.concurrency === 1)
            this.workAlone();
        else if (worker < this.producers)
            await this.produce(worker);
        else
            await this.consume(worker);
    }

    workAlone() {
        for (const ticket of this.run.tickets(0))
            this.run.answer(this.run.item(ticket), 0);
    }

    async produce(worker) {
        for (const ticket of this.run.tickets(worker)) {
            const item = this.run.item(ticket);
            this.run.waits.producer_waits += this.queue.isFull;
            while (this.queue.isFull)
                await this.queue.until('room');
            this.queue.put(item);
        }
        if (--this.left === 0)
            this.queue.close();
    }

    async consume(worker) {
        const {queue, run} = this;
        while (!queue.isEmpty || !queue.isClosed) {
            run.waits.consumer_waits += queue.isEmpty;
            while (queue.isEmpty && !queue.isClosed)
                await queue.until('number');
            if (!queue.isEmpty)
                run.answer(queue.get(), worker);
        }
    }
}

module.exports = {Pipeline};
