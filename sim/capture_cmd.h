/*
 * capture_cmd.h - the commands that read captures.
 */
#ifndef SIM_CAPTURE_CMD_H
#define SIM_CAPTURE_CMD_H

int cmd_decode(int argc, char **argv);
int cmd_check_pcap(int argc, char **argv);
int cmd_import(int argc, char **argv);

#endif /* !SIM_CAPTURE_CMD_H */
