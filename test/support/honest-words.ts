/**
 * What no sentence of ours may say: no vendor tells whether a notification left a screen, and a request that was taken is no
 * success. In Chinese besides: 登录 not 登陆, 此 not 该, no 您, no exclamation mark.
 */
export const dishonest =
  /\bgone\b(?! from the screen: no vendor)|\bdeleted?\b|\berased?\b|\bwiped?\b|\bsuccess(ful|fully)?\b|\bsucceeded\b|\b100 ?%|\bvanished\b|\bdisappeared\b|\bremoved from\b|\bfrom all phones\b|成功|已删除(?!。|（tokenRetentionDays）)|已清除|已消失|已移除|清空|完全撤回|全部消失|登陆|您|你|该(?!应|如)|！|[\p{L}\p{N}]!/iu
