/* A meter that crashes while it books a reading. Its core shows the serial number, the reading and the line. */

#include <stdio.h>

struct account {
    unsigned long total_wh;
};

char serial_number[] = "METER-4711";

static void book_reading(struct account *account, unsigned long reading_wh)
{
    account->total_wh += reading_wh; /* the crash: nobody opened an account */
}

int main(void)
{
    struct account *account = NULL;

    printf("meter %s\n", serial_number);
    fflush(stdout);
    book_reading(account, 20260712);
    return 0;
}
