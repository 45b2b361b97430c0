/* Why: SQLite hands each page of a commit to the kernel in two writes of the WAL, a header of 24 bytes and the page. A commit of 64 events has 85 pages: 170
 * system calls. Here frames that follow one another are held and written in one piece, of at most 128 KB.
 *
 * No promise of SQLite's depends on it, whatever its settings are. What it asks of the WAL, and why it still gets it:
 * - Other connections look at a frame when the index of the WAL names it, which happens after the last write of its transaction. That one is a frame whose header
 *   carries the commit mark: it takes along all that is held and is not held itself.
 * - A connection reads what it wrote in the same transaction itself: every reading, flush, truncation, question for the size and write elsewhere first
 *   writes what is held.
 * - An order in which unflushed bytes reach the disk was never promised.
 * - A write that failed must fail the transaction, though the frame was taken long before: from then on every write and flush of this
 *   file fails with the same error, until it is closed.
 *
 * sqlite.org/fileformat2.html#the_write_ahead_log has the format. Internal to store/. */
#ifndef MUSTER_STORE_WAL_GATHER_H
#define MUSTER_STORE_WAL_GATHER_H

#include <sqlite3.h>

enum { WAL_GATHER_BYTES_MAX = 1 << 17 }; /* in one piece; held in memory of this size */

/* From now on, for the WAL of this connection, which is in WAL mode and in no transaction. Ends when SQLite closes the file. SQLITE_OK or SQLite's error. */
int wal_gather(sqlite3 *writer);

#endif
