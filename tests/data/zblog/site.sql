-- 一个小网站的 Z-BlogPHP 表，我们自己写的。MySQL 与 SQLite 都读得懂这些语句。
CREATE TABLE `zbp_post` (
  `log_ID` integer NOT NULL,
  `log_CateID` integer NOT NULL DEFAULT '0',
  `log_AuthorID` integer NOT NULL DEFAULT '0',
  `log_Tag` varchar(250) NOT NULL DEFAULT '',
  `log_Status` integer NOT NULL DEFAULT '0',
  `log_Type` integer NOT NULL DEFAULT '0',
  `log_Alias` varchar(250) NOT NULL DEFAULT '',
  `log_IsTop` integer NOT NULL DEFAULT '0',
  `log_Title` varchar(250) NOT NULL DEFAULT '',
  `log_Intro` text NOT NULL,
  `log_Content` longtext NOT NULL,
  `log_PostTime` integer NOT NULL DEFAULT '0',
  `log_UpdateTime` integer NOT NULL DEFAULT '0',
  `log_ViewNums` integer NOT NULL DEFAULT '0',
  `log_Meta` longtext NOT NULL,
  PRIMARY KEY (`log_ID`)
);
CREATE TABLE `zbp_category` (
  `cate_ID` integer NOT NULL,
  `cate_Name` varchar(250) NOT NULL DEFAULT '',
  `cate_Alias` varchar(250) NOT NULL DEFAULT '',
  `cate_Intro` text NOT NULL,
  `cate_ParentID` integer NOT NULL DEFAULT '0',
  PRIMARY KEY (`cate_ID`)
);
CREATE TABLE `zbp_tag` (`tag_ID` integer NOT NULL, `tag_Name` varchar(250) NOT NULL, `tag_Alias` varchar(250) NOT NULL, PRIMARY KEY (`tag_ID`));
CREATE TABLE `zbp_member` (`mem_ID` integer NOT NULL, `mem_Name` varchar(250) NOT NULL, `mem_Password` varchar(250) NOT NULL, `mem_Alias` varchar(250) NOT NULL, PRIMARY KEY (`mem_ID`));
CREATE TABLE `zbp_upload` (`ul_ID` integer NOT NULL, `ul_Name` varchar(250) NOT NULL, `ul_SourceName` varchar(250) NOT NULL, `ul_PostTime` integer NOT NULL, PRIMARY KEY (`ul_ID`));
INSERT INTO `zbp_category` VALUES (2,'政策','policy','',1),(1,'用工','','派遣与外包',0);
INSERT INTO `zbp_tag` VALUES (1,'社保',''),(2,'劳务派遣','paiqian');
INSERT INTO `zbp_member` VALUES (1,'root_login','0123456789abcdef','小林'),(2,'second_login','fedcba','');
INSERT INTO `zbp_upload` VALUES (1,'202105011200001.jpg','车间.jpg',1619841600),(2,'','无名.jpg',1619841600);
INSERT INTO `zbp_post` VALUES
(1,2,1,'{2}{1}{99}',0,0,'',2,'派遣三性怎么认','<p>临时性、辅助性、替代性。<!--autointro--></p>','<p>临时性、辅助性、替代性。</p><p><img src="{#ZC_BLOG_HOST#}zb_users/upload/2021/05/202105011200001.jpg" alt=""/></p>',1619841600,1622520000,88,'a:1:{s:1:"x";s:1:"y";}'),
(2,1,2,'',0,0,'shebao-jishu',0,'社保基数 100% 新规?','<p>一句话：七月起执行。</p>','<p>七月一日起，社保基数调整。</p>',1625068800,0,1,''),
(3,0,1,'',0,1,'about',0,'关于我们','','<p>我们在宝安。</p>',1609459200,0,0,''),
(4,1,1,'',1,0,'',0,'没写完','','',1625068800,0,0,''),
(5,1,1,'',2,0,'',0,'等人审','','',1625068800,0,0,''),
(6,1,1,'',8,0,'',0,'要密码','','<p>内部报价</p>',1625068800,0,0,''),
(7,1,1,'',0,2,'',0,'一句话的动态','','',1625068800,0,0,'');
